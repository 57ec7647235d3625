/**
 * The way back: worlds that stand still at earlier moments and wait to be run on from there. A moment is reached by running
 * the nearest one before it, so it costs the run between the two. A world that was used up is made again when there is time.
 * Each is made from power-up on, for a world cannot be copied: its alarms are functions.
 */

import { type Input, type Setup, World } from './page-world'

/** Work from one post to the next, in real ms. */
const POST_MS = 80
/** Worlds at once, of a MB or two each; with more posts than that every second one goes. */
const POST_LIMIT = 64
/** Worlds beyond that: those one has just come from. */
const SPARE_LIMIT = 8
/** Virtual time in one piece of background work: some ms. */
const PIECE_MS = 60000

export class Past {
  /** Moments that should have a world. */
  private posts: number[] = []
  private postMs = POST_MS
  private lastPostMs = 0
  private parked: World[] = []
  /** The one on its way to a post. */
  private builder: { world: World; atMs: number } | undefined

  constructor(
    private setup: Setup,
    private inputs: () => readonly Input[],
  ) {}

  /** The world that goes first has come to a moment; a new post when the way from the last one has become long. */
  pass(world: World): void {
    const last = this.posts.at(-1) ?? 0
    if (world.nowMs <= last) return
    if (world.workMs - this.lastPostMs < this.postMs) return
    this.lastPostMs = world.workMs
    this.posts.push(world.nowMs)
    if (this.posts.length <= POST_LIMIT) return
    this.posts = this.posts.filter((_, index) => index % 2 === 1)
    this.postMs *= 2
    this.parked = this.parked.filter((one) => this.posts.some((atMs) => atMs === one.nowMs))
  }

  /** What comes after atMs will be otherwise. workMs: of the world that stands there. */
  fork(atMs: number, workMs: number): void {
    this.posts = this.posts.filter((post) => post <= atMs)
    this.parked = this.parked.filter((world) => world.nowMs <= atMs)
    this.lastPostMs = Math.min(this.lastPostMs, workMs)
    if (this.builder !== undefined && (this.builder.atMs > atMs || this.builder.world.nowMs > atMs)) {
      this.builder = undefined
    }
  }

  /** A world that is at atMs. It belongs to the caller from then on. */
  take(atMs: number): World {
    let best: World | undefined
    for (const world of this.parked) {
      if (world.nowMs <= atMs && (best === undefined || world.nowMs > best.nowMs)) best = world
    }
    if (best === undefined) {
      best = new World(this.setup)
      best.powerOn()
    } else this.parked.splice(this.parked.indexOf(best), 1)
    best.runTo(atMs, this.inputs())
    return best
  }

  /** Gives a world back, to be used from where it stands. */
  park(world: World): void {
    world.listen({})
    this.parked.push(world)
    if (this.parked.length <= POST_LIMIT + SPARE_LIMIT) return
    const spare = this.parked.findIndex((one) => one !== world && this.isSpare(one))
    this.parked.splice(Math.max(spare, 0), 1)
  }

  /** Another world stands in the same stretch. */
  private isSpare(world: World): boolean {
    return this.parked.some((one) => one !== world && this.stretchOf(one) === this.stretchOf(world))
  }

  private stretchOf(world: World): number {
    return this.posts.filter((atMs) => atMs <= world.nowMs).length
  }

  /** Works for about so long at worlds that are missing. Returns false when none is. */
  work(budgetMs: number): boolean {
    const endMs = performance.now() + budgetMs
    while (performance.now() < endMs) {
      if (this.builder === undefined) {
        const atMs = this.missing()
        if (atMs === undefined) return false
        const world = new World(this.setup)
        world.powerOn()
        this.builder = { world, atMs }
      }
      const { world, atMs } = this.builder
      world.runTo(Math.min(atMs, world.nowMs + PIECE_MS), this.inputs())
      if (world.nowMs < atMs) continue
      this.parked.push(world)
      this.builder = undefined
    }
    return true
  }

  /** True while a post waits for its world: then some moment is farther from one than it should be. */
  get isBehind(): boolean {
    return this.missing() !== undefined
  }

  /** How many posts there are, and how many worlds. */
  get figures(): { posts: number; parked: number } {
    return { posts: this.posts.length, parked: this.parked.length }
  }

  /**
   * Where a world is needed most: at the last post, because what one looks at most is what was just now; then in the middle of
   * the longest way without one, so that no moment is far from a world long before all of them stand.
   */
  private missing(): number | undefined {
    const isCovered = this.posts.map((fromMs, index) => {
      const untilMs = this.posts[index + 1] ?? Infinity
      return this.parked.some((world) => world.nowMs >= fromMs && world.nowMs < untilMs)
    })
    const last = this.posts.length - 1
    if (last >= 0 && !isCovered[last]) return this.posts[last]
    let best = { first: 0, count: 0 }
    let first = 0
    for (let index = 0; index <= this.posts.length; index++) {
      if (index < this.posts.length && !isCovered[index]) continue
      if (index - first > best.count) best = { first, count: index - first }
      first = index + 1
    }
    return best.count === 0 ? undefined : this.posts[best.first + (best.count >> 1)]
  }
}
