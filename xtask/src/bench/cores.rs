//! Gives the measured program processors of its own, away from what measures it. Linux only; elsewhere they share.

/// How many processors the measured program gets, and who runs where.
pub(super) struct Apart {
    #[cfg(target_os = "linux")]
    sets: linux::Sets,
    /// Processors of the measured program.
    pub(super) processors: usize,
}

impl Apart {
    /// Takes processors for the measured program: half of what there is, at most `most`. This thread, and what it starts
    /// from now on, keeps to the others. `None` where there are not two.
    #[cfg(target_os = "linux")]
    pub(super) fn with(most: usize) -> Option<Self> {
        let (sets, processors) = linux::Sets::take(most)?;
        Some(Self { sets, processors })
    }

    /// None on this system.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn with(_most: usize) -> Option<Self> {
        None
    }

    /// Starts the measured program on its processors.
    pub(super) fn start<T>(&self, start: impl FnOnce() -> T) -> T {
        #[cfg(target_os = "linux")]
        self.sets.to_measured();
        let started = start();
        #[cfg(target_os = "linux")]
        self.sets.to_others();
        started
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// What may be used in all, and the two parts of it.
    pub(super) struct Sets {
        all: CpuSet,
        measured: CpuSet,
        others: CpuSet,
    }

    impl Sets {
        pub(super) fn take(most: usize) -> Option<(Self, usize)> {
            let all = sched_getaffinity(None).ok()?;
            let usable: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&number| all.is_set(number)).collect();
            let processors = most.min(usable.len() / 2);
            if processors == 0 {
                return None;
            }
            let set = |numbers: &[usize]| {
                let mut set = CpuSet::new();
                numbers.iter().for_each(|&number| set.set(number));
                set
            };
            let (measured, others) = usable.split_at(processors);
            let sets = Self {
                all,
                measured: set(measured),
                others: set(others),
            };
            sched_setaffinity(None, &sets.others).ok()?;
            Some((sets, processors))
        }

        pub(super) fn to_measured(&self) {
            Self::keep_to(&self.measured);
        }

        pub(super) fn to_others(&self) {
            Self::keep_to(&self.others);
        }

        fn keep_to(set: &CpuSet) {
            // They are parts of what was allowed a moment ago. If it is not any more, they share.
            let _ = sched_setaffinity(None, set);
        }
    }

    impl Drop for Sets {
        fn drop(&mut self) {
            Self::keep_to(&self.all);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn each_processor_is_in_one_part() {
            let before = sched_getaffinity(None).expect("the system tells");
            let Some((sets, processors)) = Sets::take(2) else {
                assert!(before.count() < 2);
                return;
            };
            assert!((1..=2).contains(&processors));
            assert_eq!(sets.measured.count() as usize, processors);
            assert_eq!(sets.measured.count() + sets.others.count(), before.count());
            let both = |number: &usize| sets.measured.is_set(*number) && sets.others.is_set(*number);
            assert_eq!((0..CpuSet::MAX_CPU).find(both), None);
            let now = || sched_getaffinity(None).expect("the system tells");
            assert_eq!(now(), sets.others);
            sets.to_measured();
            assert_eq!(now(), sets.measured);
            drop(sets);
            assert_eq!(now(), before);
        }
    }
}
