//! Who used the processors meanwhile: figures of a busy machine are to be known by it. Linux only; elsewhere nothing is
//! told.

use std::time::Duration;

use super::Figure;

/// Linux counts in hundredths of a second, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that a process has used so far, by its id or `self`.
pub(super) fn used_by(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold blanks; user and system time are the 14th and 15th fields.
    let after = stat.rsplit_once(')')?.1;
    let mut fields = after.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

/// Processor time of the whole machine so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    busy: Duration,
    idle: Duration,
}

impl Machine {
    fn now() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        // What guests use is part of what their hosts use, and comes last.
        let ticks: Vec<u32> = fields.take(8).map(|field| field.parse().ok()).collect::<Option<_>>()?;
        let [user, nice, system, idle, waiting, interrupts, soft, stolen] = ticks[..] else {
            return None;
        };
        Some(Self {
            busy: TICK * (user + nice + system + interrupts + soft + stolen),
            idle: TICK * (idle + waiting),
        })
    }
}

/// Measures from its making on.
pub(super) struct Watch {
    machine: Option<Machine>,
    own: Option<Duration>,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self {
            machine: Machine::now(),
            own: used_by("self"),
        }
    }

    /// Shares of the machine's processor time since the start: this process, which is load generator and upstream, all
    /// others but the measured one, which used `served`, and nobody.
    pub(super) fn figures(&self, what: &str, served: Duration) -> Vec<Figure> {
        let measured = || {
            let (before, now) = (self.machine?, Machine::now()?);
            let busy = now.busy.checked_sub(before.busy)?;
            let idle = now.idle.checked_sub(before.idle)?;
            let own = used_by("self")?.checked_sub(self.own?)?;
            Some((busy, idle, own))
        };
        let Some((busy, idle, own)) = measured() else {
            return Vec::new();
        };
        let share = |part: Duration| 100.0 * part.as_secs_f64() / (busy + idle).as_secs_f64().max(0.01);
        [
            ("the server", served),
            ("load generator and upstream", own),
            ("others", busy.saturating_sub(own + served)),
            ("idle", idle),
        ]
        .map(|(who, part)| Figure::new(format!("{what}: processors, {who}"), share(part), "%"))
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_tells() {
        let stat = "cpu  10 1 20 300 5 2 3 4 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        let machine = Machine::parse(stat).expect("it can be read");
        assert_eq!(machine.busy, TICK * 40);
        assert_eq!(machine.idle, TICK * 305);
        assert_eq!(Machine::parse("intr 1\n"), None);
    }
}
