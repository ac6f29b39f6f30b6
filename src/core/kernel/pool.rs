//! Threads. A private pool, keyed by process id so that a forked child gets its own, and kept out of the way
//! where the work is smaller than the hand-off. One and many threads do the same work in the same chunks.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

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

/// Runs `work` on every chunk and merges what it returns, in the order of the chunks.
pub fn for_each_chunk<C: Send, R: Send + Default>(
    chunks: Vec<C>,
    threads: usize,
    work: impl Fn(C) -> R + Sync + Send,
    merge: impl Fn(R, R) -> R + Sync + Send,
) -> R {
    match if threads > 1 { pool(threads) } else { None } {
        Some(pool) => pool
            .install(|| chunks.into_par_iter().with_max_len(1).map(work).collect::<Vec<R>>())
            .into_iter()
            .fold(R::default(), merge),
        None => chunks.into_iter().map(work).fold(R::default(), merge),
    }
}
