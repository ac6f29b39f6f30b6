"""Times of one size of input, and what they come to beside each other and beside the machine's limits."""

from typing import NamedTuple

from benches import machine, timing
from benches.peers import load


class Measured(NamedTuple):
    rows: int
    bytes_per_row: int
    """Read and written, each once."""
    bandwidth: str
    """Which limit of the machine a call is held against."""
    times: dict
    machine: dict
    """Times of the machine's limits in the same rounds, if they were taken."""
    checked: dict
    """By peer, how its answer compares with ours; empty where it must be the same."""

    @property
    def limits(self):
        return machine.limits(self.machine)

    @property
    def contended(self):
        limits = self.limits
        return min(limits["speed-up"], limits["cores"]) < machine.UNCONTENDED

    def ns(self, name):
        return self.times[name].seconds / self.rows * 1e9

    def ratio(self, peer, ours):
        return self.times[peer].over(self.times[ours])

    def share(self, name):
        """Of the machine's bandwidth."""
        work = self.rows * self.bytes_per_row / machine.BYTES[self.bandwidth]
        return work * self.machine[self.bandwidth].over(self.times[name])


def with_peers(ours, peers, rows, table):
    """Our candidates and those of the peers."""
    return ours | {name: c for peer in peers for name, c in load(peer).candidates(rows, table).items()}


def timed(count, shape, candidates, rounds, limits):
    """Candidates in the same rounds; ``shape`` is bytes a row and the bandwidth that they are held against."""
    calls = {name: candidate.call for name, candidate in candidates.items()}
    of_machine = machine.candidates() if limits else {}
    times = timing.interleave(of_machine | calls, rounds)
    first, second = ({name: times[name] for name in part} for part in (calls, of_machine))
    return Measured(count, *shape, first, second, {})
