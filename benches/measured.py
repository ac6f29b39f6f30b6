"""Times of one size of input, and what they come to beside each other and beside the machine's limits."""

from typing import NamedTuple

from benches import machine


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
