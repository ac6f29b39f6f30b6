//! Threads. A private pool, keyed by process id so that a forked child gets its own, and kept out of the way
//! where the work is smaller than the hand-off. One and many threads do the same work in the same chunks.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

struct Slot {
    process: u32,
    threads: usize,
    pool: Option<ThreadPool>,
}

/// One slot for each (process, thread count) seen. Slots are never emptied: a forked child must not touch,
/// nor drop, its parent's pool.
static POOLS: [OnceLock<Slot>; 32] = [const { OnceLock::new() }; 32];

fn pool(threads: usize) -> Option<&'static ThreadPool> {
    let process = std::process::id();
    POOLS.iter().find_map(|slot| {
        let found = slot.get_or_init(|| Slot {
            process,
            threads,
            pool: ThreadPoolBuilder::new()
                .num_threads(threads)
                .thread_name(|i| format!("sharedsavings-{i}"))
                .build()
                .ok(),
        });
        (found.process == process && found.threads == threads).then_some(found.pool.as_ref())?
    })
}

/// Threads that a caller may ask for on a small machine: more would only cost their stacks.
const MOST: usize = 16;

/// Threads to use: the caller's number, or what the machine has; never more than `SHAREDSAVINGS_THREADS`;
/// one where there are fewer than `worth` rows.
#[must_use]
pub fn threads_for(asked: Option<usize>, rows: usize, worth: usize) -> usize {
    static MACHINE: OnceLock<(usize, usize)> = OnceLock::new();
    if rows < worth {
        return 1;
    }
    let (machine, cap) = *MACHINE.get_or_init(|| {
        let cap = std::env::var("SHAREDSAVINGS_THREADS").ok().and_then(|v| v.parse().ok()).filter(|n| *n > 0);
        (std::thread::available_parallelism().map_or(1, usize::from), cap.unwrap_or(usize::MAX))
    });
    asked.unwrap_or(machine).min(cap).min(machine.max(MOST))
}

/// Runs `work` on every chunk and merges what it returns, in the order of the chunks. The caller's thread works
/// too, so that nothing waits for a worker to wake; each thread takes neighbouring chunks, hence its own pages of
/// a fresh output, and helps the others from their far end once it is done.
pub fn for_each_chunk<C: Send, R: Send + Default>(
    chunks: Vec<C>,
    threads: usize,
    work: impl Fn(C) -> R + Sync,
    merge: impl Fn(R, R) -> R,
) -> R {
    let threads = threads.min(chunks.len());
    let Some(pool) = (threads > 1).then(|| pool(threads - 1)).flatten() else {
        return chunks.into_iter().map(work).fold(R::default(), merge);
    };
    let share = chunks.len().div_ceil(threads);
    let mut chunks = chunks.into_iter().enumerate();
    let queues: Vec<Mutex<VecDeque<(usize, C)>>> =
        (0..threads).map(|_| Mutex::new(chunks.by_ref().take(share).collect())).collect();
    let done = Mutex::new(Vec::new());
    let drain = |own: usize| {
        let next = || {
            // Its own lock must be free again before it looks at the others.
            let mine = lock(&queues[own]).pop_front();
            mine.or_else(|| queues.iter().find_map(|queue| lock(queue).pop_back()))
        };
        while let Some((i, chunk)) = next() {
            let result = work(chunk);
            lock(&done).push((i, result));
        }
    };
    pool.in_place_scope(|scope| {
        (1..threads).for_each(|own| scope.spawn(move |_| drain(own)));
        drain(0);
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).fold(R::default(), merge)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_is_done_once_and_merged_in_order() {
        for threads in [1, 2, 3, 5] {
            for chunks in [0, 1, 2, 4, 7, 100] {
                let both = |mut a: Vec<usize>, b: Vec<usize>| {
                    a.extend(b);
                    a
                };
                let done = for_each_chunk((0..chunks).collect(), threads, |i| vec![i], both);
                assert_eq!(done, (0..chunks).collect::<Vec<_>>());
            }
        }
    }
}
