/**
 * Does work in order, two pieces at a time: two cores are what the machines have. Results in the order of the work;
 * tell hears of each as it comes, so that a run that is stopped was not for nothing.
 */
export async function twoAtATime<T>(work: (() => Promise<T>)[], tell: (result: T) => void = () => {}): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async () => {
    while (next < work.length) {
      const index = next++
      results[index] = await work[index]()
      tell(results[index])
    }
  }
  await Promise.all([worker(), worker()])
  return results
}
