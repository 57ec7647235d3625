/** Ready boards that cannot carry the panel, each with the reason (hardware.md §0, §4.3). */

import type { ImpossibleBoard } from './board-map'

const NO_EMAC = 'the interpreter has no driver for the Ethernet inside the ESP32 (RMII), and its pins are taken'
const S3 = "the interpreter's build for the ESP32-S3 is a beta without analogRead and without watches on GPIO6-12"

export const IMPOSSIBLE: ImpossibleBoard[] = [
  {
    name: 'esp32-poe',
    title: 'Olimex ESP32-POE, ESP32-POE-ISO',
    reason: `${NO_EMAC}: GPIO17, 18, 19, 21, 22, 23, 25, 26 and 27.`,
  },
  {
    name: 'wt32-eth01',
    title: 'WT32-ETH01',
    reason: `${NO_EMAC}: GPIO0, 18, 19, 21, 22, 23, 25, 26 and 27.`,
  },
  {
    name: 'esp32-ethernet-kit',
    title: 'Espressif ESP32-Ethernet-Kit',
    reason: `${NO_EMAC}: GPIO0, 18, 19, 21, 22, 23, 25, 26 and 27.`,
  },
  {
    name: 't-internet-poe',
    title: 'LilyGO T-Internet-POE, T-ETH-POE-Pro',
    reason: `${NO_EMAC}.`,
  },
  {
    name: 't-eth-lite-esp32',
    title: 'LilyGO T-ETH-Lite ESP32',
    reason: `${NO_EMAC}.`,
  },
  {
    name: 't-internet-com',
    title: 'LilyGO T-Internet-COM',
    reason: `${NO_EMAC}; its modem alone would be one path, and the panel needs two.`,
  },
  {
    name: 'atompoe',
    title: 'M5Stack AtomPoE',
    reason: "it leads out too few pins for a keypad and outputs, and the W5500's reset is not wired.",
  },
  {
    name: 't-eth-lite-s3',
    title: 'LilyGO T-ETH-Lite S3',
    reason: `${S3}.`,
  },
  {
    name: 't-eth-elite',
    title: 'LilyGO T-ETH-Elite',
    reason: `${S3}; the W5500's reset is not wired.`,
  },
  {
    name: 'esp32-s3-eth',
    title: 'Waveshare ESP32-S3-ETH',
    reason: `${S3}.`,
  },
]
