//! Which keys a load visits: an order that is made before any clock starts.

/// How keys are chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// All alike.
    Uniform,
    /// The n-th most wanted key is wanted in proportion to 1 / n^0.99, as in YCSB.
    Zipf,
    /// Out of a thousand only, which fit the processor's caches.
    Hot,
}

/// The exponent of [`Pick::Zipf`].
const THETA: f64 = 0.99;
/// The keys of [`Pick::Hot`].
const HOT: usize = 1_000;
/// How many visits are chosen; threads go round in them.
const VISITS: usize = 1 << 20;

impl Pick {
    /// All of them.
    pub const ALL: [Pick; 3] = [Pick::Uniform, Pick::Zipf, Pick::Hot];

    /// The name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Pick::Uniform => "uniform",
            Pick::Zipf => "zipf",
            Pick::Hot => "hot",
        }
    }
}

/// The numbers of the keys to visit, below `keys`.
pub fn picks(pick: Pick, keys: usize) -> Vec<u32> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let choose: Box<dyn Fn(f64) -> usize> = match pick {
        Pick::Uniform => Box::new(move |chance| (chance * keys as f64) as usize),
        Pick::Hot => Box::new(|chance| (chance * HOT as f64) as usize),
        Pick::Zipf => zipf(keys),
    };
    (0..VISITS).map(|_| choose(dice.chance()).min(keys - 1) as u32).collect()
}

/// The rank below which this share of all visits goes.
fn zipf(keys: usize) -> Box<dyn Fn(f64) -> usize> {
    let mut sum = 0.0;
    let sums: Vec<f64> = (1..=keys)
        .map(|rank| {
            sum += (rank as f64).powf(-THETA);
            sum
        })
        .collect();
    Box::new(move |chance| sums.partition_point(|below| *below < chance * sum))
}

/// Random numbers from 0 to 1, the same in every run.
struct Dice(u64);

impl Dice {
    fn chance(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(pick: Pick, of_first: u32) -> f64 {
        let picks = picks(pick, 1_000_000);
        picks.iter().filter(|number| **number < of_first).count() as f64 / picks.len() as f64
    }

    #[test]
    fn picks_are_spread_as_their_names_say() {
        assert!((share(Pick::Uniform, 500_000) - 0.5).abs() < 0.01);
        assert_eq!(share(Pick::Hot, 1_000), 1.0);
        // The sum of 1 / n^0.99 up to a million is about 15.4, up to a thousand about 7.7.
        assert!((share(Pick::Zipf, 1_000) - 0.5).abs() < 0.02);
        assert!((share(Pick::Zipf, 1) - 0.065).abs() < 0.005);
    }
}
