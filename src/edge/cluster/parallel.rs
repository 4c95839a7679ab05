//! Many small jobs, a few at a time, with the results in the order of the jobs.

use tokio::task::JoinSet;

/// How many requests are under way at once.
const LIMIT: usize = 8;

/// Runs a job for each item, at most eight at once, and returns the results in the order of the items.
///
/// `done` sees each result as soon as it is there. A job that panics leaves `None`.
pub async fn bounded<I, T, F>(items: Vec<I>, job: impl Fn(I) -> F, mut done: impl FnMut(&T)) -> Vec<Option<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut results: Vec<Option<T>> = items.iter().map(|_| None).collect();
    let mut waiting = items.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < LIMIT {
            let Some((index, item)) = waiting.next() else {
                break;
            };
            let future = job(item);
            running.spawn(async move { (index, future.await) });
        }
        match running.join_next().await {
            None => return results,
            Some(Ok((index, result))) => {
                done(&result);
                results[index] = Some(result);
            }
            Some(Err(_panicked)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread")]
    async fn results_keep_the_order_and_no_more_than_the_limit_run() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let job = |item: usize| {
            let (running, most) = (running.clone(), most.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..(40 - item) {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                item
            }
        };
        let results = bounded((0..40).collect(), job, |_| {}).await;
        let expected: Vec<_> = (0..40).map(Some).collect();
        assert_eq!(results, expected, "order of the items");
        assert!(
            most.load(Ordering::SeqCst) <= LIMIT,
            "at most {LIMIT}, ran {most:?}"
        );
    }
}
