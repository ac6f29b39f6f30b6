"""Medians of interleaved rounds, so that a noisy machine disturbs every candidate alike."""

import gc
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time, sleep

SLOW = 1.0  # seconds: such a candidate gets fewer rounds
SHORT = 0.004  # seconds: calls are repeated to last at least this long
FEWEST = 3
PAUSE = 0.01  # seconds: until the threads of the candidate before have stopped spinning


@dataclass
class Times:
    """Seconds a call, by round, and processor seconds a call, of all threads together."""

    samples: dict
    processor: dict

    @property
    def seconds(self):
        return median(self.samples.values())

    @property
    def rounds(self):
        return len(self.samples)

    @property
    def cores(self):
        """How many cores it had: what other jobs take is not in it."""
        return median(self.processor[r] / self.samples[r] for r in self.samples)

    def over(self, other):
        """Median of the ratios inside each round that both took part in: a slow spell hits both sides."""
        both = self.samples.keys() & other.samples.keys()
        return median(self.samples[r] / other.samples[r] for r in both)


def interleave(candidates, rounds):
    """Times of each ``{name: function}``; the order is reversed every other round."""
    repeats = {name: _calibrate(function) for name, function in candidates.items()}
    samples, processor = ({name: {} for name in candidates} for _ in range(2))
    wanted = {name: _rounds(rounds, slow) for name, (_, slow) in repeats.items()}
    gc.collect()
    gc.disable()
    try:
        for r in range(rounds):
            for name in list(candidates) if r % 2 == 0 else list(candidates)[::-1]:
                if r in wanted[name]:
                    sleep(PAUSE)
                    samples[name][r], processor[name][r] = _time(candidates[name], repeats[name][0])
    finally:
        gc.enable()
    return {name: Times(samples[name], processor[name]) for name in candidates}


def _calibrate(function):
    """(calls a sample, whether one is slow). The first call only warms up."""
    function()
    calls, elapsed = 1, _time(function, 1)[0]
    while elapsed * calls < SHORT and calls < 100_000:
        calls = min(calls * 10, int(SHORT / elapsed) + 1)
        elapsed = _time(function, calls)[0]
    return calls, elapsed > SLOW


def _rounds(rounds, slow):
    if not slow or rounds <= FEWEST:
        return range(rounds)
    return {round(i * (rounds - 1) / (FEWEST - 1)) for i in range(FEWEST)}


def _time(function, calls):
    """Seconds and processor seconds a call."""
    start, start_processor = perf_counter(), process_time()
    for _ in range(calls):
        function()
    return (perf_counter() - start) / calls, (process_time() - start_processor) / calls
