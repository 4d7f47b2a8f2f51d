//! The decimal digits Redis prints for a double.
//!
//! Since 7.2 Redis prints doubles with a Grisu2 printer. Grisu2 always gives digits that read back
//! as the same double, but for about one double in a thousand they are not the shortest ones. Byte
//! equality with the server therefore needs this very algorithm (F. Loitsch, "Printing
//! floating-point numbers quickly and accurately with integers", PLDI 2010) with the same table of
//! powers and the same choice among them.
//!
//! Here are only the digits; how they are laid out as text is the parent module's subject.

/// The decimal form of a positive finite double: `digits * 10^exponent`.
pub(super) struct Decimal {
    digits: [u8; MAX_DIGITS],
    len: usize,
    /// The power of ten of the last digit.
    pub(super) exponent: i32,
}

impl Decimal {
    /// The digits, as ASCII, without leading zeros.
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    fn push(&mut self, digit: u64) {
        // Grisu2 never needs more than 17 digits; the bound keeps a wrong table from becoming a
        // panic.
        if (digit != 0 || self.len > 0) && self.len < MAX_DIGITS {
            self.digits[self.len] = b'0' + (digit % 10) as u8;
            self.len += 1;
        }
    }

    /// Moves the last digit down while that brings the text closer to the value.
    fn round(&mut self, delta: u64, mut rest: u64, unit: u64, distance: u64) {
        while rest < distance
            && delta - rest >= unit
            && (rest.wrapping_add(unit) < distance || distance - rest > rest.wrapping_add(unit).wrapping_sub(distance))
        {
            if let Some(last) = self.digits[..self.len].last_mut() {
                *last -= 1;
            }
            rest = rest.wrapping_add(unit);
        }
    }
}

const MAX_DIGITS: usize = 18;
const HIDDEN_BIT: u64 = 1 << 52;
const FRACTION_MASK: u64 = HIDDEN_BIT - 1;
const EXPONENT_BIAS: i32 = 1023 + 52;

/// A number `fraction * 2^exponent` with 64 bits of precision.
#[derive(Clone, Copy)]
struct Fp {
    fraction: u64,
    exponent: i32,
}

impl Fp {
    fn of(value: f64) -> Fp {
        let bits = value.to_bits();
        let fraction = bits & FRACTION_MASK;
        match ((bits >> 52) & 0x7ff) as i32 {
            0 => Fp { fraction, exponent: 1 - EXPONENT_BIAS },
            exponent => Fp { fraction: fraction | HIDDEN_BIT, exponent: exponent - EXPONENT_BIAS },
        }
    }

    fn normalized(self) -> Fp {
        let shift = self.fraction.leading_zeros();
        Fp { fraction: self.fraction << shift, exponent: self.exponent - shift as i32 }
    }

    /// The bounds of the interval of numbers that read back as this double, at the exponent of the
    /// upper one.
    fn boundaries(self) -> (Fp, Fp) {
        let upper = Fp { fraction: (self.fraction << 1) + 1, exponent: self.exponent - 1 }.normalized();
        // Below a power of two the doubles lie twice as dense.
        let shift = if self.fraction == HIDDEN_BIT { 2 } else { 1 };
        let lower = Fp { fraction: (self.fraction << shift) - 1, exponent: self.exponent - shift };
        let lower = Fp { fraction: lower.fraction << (lower.exponent - upper.exponent), exponent: upper.exponent };
        (lower, upper)
    }

    fn multiply(self, other: Fp) -> Fp {
        let product = u128::from(self.fraction) * u128::from(other.fraction);
        Fp { fraction: ((product + (1 << 63)) >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

/// Computes the digits of `value`, which must be positive and finite.
pub(super) fn decimal(value: f64) -> Decimal {
    let exact = Fp::of(value);
    let (lower, upper) = exact.boundaries();
    let (power, exponent10) = cached_power(upper.exponent);
    let value = exact.normalized().multiply(power);
    let lower = lower.multiply(power);
    let upper = upper.multiply(power);
    // One unit inside on either side pays for the rounding of the two products.
    let upper = Fp { fraction: upper.fraction - 1, ..upper };
    generate(value, upper, upper.fraction - (lower.fraction + 1), -exponent10)
}

/// Writes digits of `upper` until what is left is below `delta`, the width of the interval.
fn generate(value: Fp, upper: Fp, mut delta: u64, exponent10: i32) -> Decimal {
    let mut decimal = Decimal { digits: [0; MAX_DIGITS], len: 0, exponent: exponent10 };
    let distance = upper.fraction - value.fraction;
    let shift = -upper.exponent as u32;
    let one = 1u64 << shift;
    let mut whole = upper.fraction >> shift;
    let mut part = upper.fraction & (one - 1);

    let mut unit = 1_000_000_000;
    for kappa in (0..10).rev() {
        decimal.push(whole / unit);
        whole %= unit;
        let rest = (whole << shift) + part;
        if rest <= delta {
            decimal.exponent += kappa;
            decimal.round(delta, rest, unit << shift, distance);
            return decimal;
        }
        unit /= 10;
    }

    let mut scale = 10u64;
    loop {
        part = part.wrapping_mul(10);
        delta = delta.wrapping_mul(10);
        decimal.exponent -= 1;
        decimal.push(part >> shift);
        part &= one - 1;
        if part < delta {
            decimal.round(delta, part, one, distance.wrapping_mul(scale));
            return decimal;
        }
        scale = scale.wrapping_mul(10);
    }
}

const FIRST_POWER: i32 = -348;
const POWER_STEP: i32 = 8;

/// The cached power of ten that brings the binary exponent of a product into -60..=-32, and its
/// decimal exponent.
fn cached_power(exponent: i32) -> (Fp, i32) {
    // Two powers can be in range: the start of the search, rounding included, decides which one is
    // taken.
    let approx = (f64::from(-(exponent + POWERS.len() as i32)) * 0.301_029_995_663_981_14) as i32;
    let mut index = (approx - FIRST_POWER) / POWER_STEP;
    loop {
        let exponent10 = FIRST_POWER + index * POWER_STEP;
        // floor(log2(10^exponent10)), the constant being log2(10) with 16 bits.
        let exponent2 = ((exponent10 * 217_706) >> 16) - 63;
        match exponent + exponent2 + 64 {
            ..-60 => index += 1,
            -31.. => index -= 1,
            _ => {
                let fraction = POWERS[index as usize];
                return (Fp { fraction, exponent: exponent2 }, exponent10);
            }
        }
    }
}

/// 10^-348, 10^-340 … 10^340: the top 64 bits, rounded to nearest.
#[rustfmt::skip]
const POWERS: [u64; 87] = [
    0xfa8f_d5a0_081c_0288, 0xbaae_e17f_a23e_bf76, 0x8b16_fb20_3055_ac76, 0xcf42_894a_5dce_35ea, 0x9a6b_b0aa_5565_3b2d,
    0xe61a_cf03_3d1a_45df, 0xab70_fe17_c79a_c6ca, 0xff77_b1fc_bebc_dc4f, 0xbe56_91ef_416b_d60c, 0x8dd0_1fad_907f_fc3c,
    0xd351_5c28_3155_9a83, 0x9d71_ac8f_ada6_c9b5, 0xea9c_2277_23ee_8bcb, 0xaecc_4991_4078_536d, 0x823c_1279_5db6_ce57,
    0xc210_9436_4dfb_5637, 0x9096_ea6f_3848_984f, 0xd774_85cb_2582_3ac7, 0xa086_cfcd_97bf_97f4, 0xef34_0a98_172a_ace5,
    0xb238_67fb_2a35_b28e, 0x84c8_d4df_d2c6_3f3b, 0xc5dd_4427_1ad3_cdba, 0x936b_9fce_bb25_c996, 0xdbac_6c24_7d62_a584,
    0xa3ab_6658_0d5f_daf6, 0xf3e2_f893_dec3_f126, 0xb5b5_ada8_aaff_80b8, 0x8762_5f05_6c7c_4a8b, 0xc9bc_ff60_34c1_3053,
    0x964e_858c_91ba_2655, 0xdff9_7724_7029_7ebd, 0xa6df_bd9f_b8e5_b88f, 0xf8a9_5fcf_8874_7d94, 0xb944_7093_8fa8_9bcf,
    0x8a08_f0f8_bf0f_156b, 0xcdb0_2555_6531_31b6, 0x993f_e2c6_d07b_7fac, 0xe45c_10c4_2a2b_3b06, 0xaa24_2499_6973_92d3,
    0xfd87_b5f2_8300_ca0e, 0xbce5_0864_9211_1aeb, 0x8cbc_cc09_6f50_88cc, 0xd1b7_1758_e219_652c, 0x9c40_0000_0000_0000,
    0xe8d4_a510_0000_0000, 0xad78_ebc5_ac62_0000, 0x813f_3978_f894_0984, 0xc097_ce7b_c907_15b3, 0x8f7e_32ce_7bea_5c70,
    0xd5d2_38a4_abe9_8068, 0x9f4f_2726_179a_2245, 0xed63_a231_d4c4_fb27, 0xb0de_6538_8cc8_ada8, 0x83c7_088e_1aab_65db,
    0xc45d_1df9_4271_1d9a, 0x924d_692c_a61b_e758, 0xda01_ee64_1a70_8dea, 0xa26d_a399_9aef_774a, 0xf209_787b_b47d_6b85,
    0xb454_e4a1_79dd_1877, 0x865b_8692_5b9b_c5c2, 0xc835_53c5_c896_5d3d, 0x952a_b45c_fa97_a0b3, 0xde46_9fbd_99a0_5fe3,
    0xa59b_c234_db39_8c25, 0xf6c6_9a72_a398_9f5c, 0xb7dc_bf53_54e9_bece, 0x88fc_f317_f222_41e2, 0xcc20_ce9b_d35c_78a5,
    0x9816_5af3_7b21_53df, 0xe2a0_b5dc_971f_303a, 0xa8d9_d153_5ce3_b396, 0xfb9b_7cd9_a4a7_443c, 0xbb76_4c4c_a7a4_4410,
    0x8bab_8eef_b640_9c1a, 0xd01f_ef10_a657_842c, 0x9b10_a4e5_e991_3129, 0xe710_9bfb_a19c_0c9d, 0xac28_20d9_623b_f429,
    0x8044_4b5e_7aa7_cf85, 0xbf21_e440_03ac_dd2d, 0x8e67_9c2f_5e44_ff8f, 0xd433_179d_9c8c_b841, 0x9e19_db92_b4e3_1ba9,
    0xeb96_bf6e_badf_77d9, 0xaf87_023b_9bf0_ee6b,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_powers_are_the_powers() {
        for (index, &fraction) in POWERS.iter().enumerate() {
            assert!(fraction >> 63 == 1, "{index} is not normalized");
            let exponent10 = FIRST_POWER + index as i32 * POWER_STEP;
            if !(-307..=308).contains(&exponent10) {
                continue;
            }
            // A double holds the top 53 bits: the table may differ from it by the rounding of the
            // rest.
            let double: f64 = format!("1e{exponent10}").parse().unwrap();
            let expected = Fp::of(double).normalized();
            assert_eq!(expected.exponent, ((exponent10 * 217_706) >> 16) - 63, "10^{exponent10}");
            assert!(fraction.abs_diff(expected.fraction) <= 1 << 10, "10^{exponent10}");
        }
    }

    #[test]
    fn every_exponent_finds_a_power() {
        for exponent in 0..0x7ff_u64 {
            for fraction in [0, 1, FRACTION_MASK] {
                let value = f64::from_bits(exponent << 52 | fraction);
                if value == 0.0 {
                    continue;
                }
                let decimal = decimal(value);
                let digits = str::from_utf8(decimal.digits()).unwrap();
                let text = format!("{digits}e{}", decimal.exponent);
                assert_eq!(text.parse::<f64>().unwrap(), value, "{text}");
                assert!(digits.len() <= 17 && !digits.starts_with('0'), "{text}");
            }
        }
    }
}
