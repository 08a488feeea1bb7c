"""Whatever waits for somebody: states, moves and clocks described as data, one machine for all of them."""
