/** Does work in order, two pieces at a time: two cores are what the machines have. Results in the order of the work. */
export async function twoAtATime<T>(work: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async () => {
    while (next < work.length) {
      const index = next++
      results[index] = await work[index]()
    }
  }
  await Promise.all([worker(), worker()])
  return results
}
