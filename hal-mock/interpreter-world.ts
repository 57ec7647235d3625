/**
 * What a premises' network has, for the interpreter: a bundle of its own, loaded beside the bench by the stories that need
 * DHCP, names or the time. With all of it in the bench, too little memory would be left for the others.
 */

export { panelSettings, WorldFaults } from './scenario-world'
