//! Natural numbers of any size, with just the operations that exact decimal texts of long doubles
//! need.

use std::cmp::Ordering;

/// A natural number; the limbs are in base 2^64, the lowest first, and the highest is not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Natural {
    limbs: Vec<u64>,
}

/// The highest power of ten in a limb, and its exponent.
const CHUNK: u64 = 10_000_000_000_000_000_000;
const CHUNK_DIGITS: usize = 19;

/// The highest power of five in a limb, and its exponent.
const FIVES: u64 = 7_450_580_596_923_828_125;
const FIVES_EXPONENT: u32 = 27;

impl Natural {
    pub(super) fn from_digits(mut digits: impl Iterator<Item = u8>) -> Natural {
        let mut number = Natural::default();
        loop {
            let (mut chunk, mut scale) = (0, 1);
            for digit in digits.by_ref().take(CHUNK_DIGITS) {
                chunk = chunk * 10 + u64::from(digit - b'0');
                scale *= 10;
            }
            if scale == 1 {
                return number;
            }
            number.multiply_add(scale, chunk);
        }
    }

    /// The number 5^exponent.
    pub(super) fn power_of_five(exponent: u32) -> Natural {
        let mut number = Natural::from(1);
        number.multiply_by_power_of_five(exponent);
        number
    }

    pub(super) fn multiply_by_power_of_five(&mut self, exponent: u32) {
        for _ in 0..exponent / FIVES_EXPONENT {
            self.multiply_add(FIVES, 0);
        }
        self.multiply_add(5u64.pow(exponent % FIVES_EXPONENT), 0);
    }

    fn multiply_add(&mut self, factor: u64, summand: u64) {
        let mut carry = summand;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            *limb = product as u64;
            carry = (product >> 64) as u64;
        }
        if carry != 0 {
            self.limbs.push(carry);
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The number of bits.
    pub(super) fn bits(&self) -> i64 {
        let unused = self.limbs.last().map_or(0, |limb| limb.leading_zeros());
        self.limbs.len() as i64 * 64 - i64::from(unused)
    }

    pub(super) fn shift_left(&mut self, count: usize) {
        if self.is_zero() {
            return;
        }
        let (limbs, bits) = (count / 64, count % 64);
        if bits > 0 {
            self.multiply_add(1 << bits, 0);
        }
        self.limbs.splice(..0, std::iter::repeat_n(0, limbs));
    }

    fn halve(&mut self) {
        let mut carry = 0;
        for limb in self.limbs.iter_mut().rev() {
            let next = *limb << 63;
            *limb = *limb >> 1 | carry;
            carry = next;
        }
        self.trim();
    }

    /// Takes away a number that is not greater.
    fn subtract(&mut self, other: &Natural) {
        let mut borrow = false;
        for (index, limb) in self.limbs.iter_mut().enumerate() {
            let subtrahend = other.limbs.get(index).copied().unwrap_or(0);
            (*limb, borrow) = limb.borrowing_sub(subtrahend, borrow);
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }

    /// Divides by `divisor`, leaving the remainder. The quotient must have at most `bits` bits, at
    /// most 128.
    pub(super) fn divide(&mut self, mut divisor: Natural, bits: usize) -> u128 {
        let mut quotient = 0;
        divisor.shift_left(bits);
        for _ in 0..bits {
            divisor.halve();
            quotient <<= 1;
            if *self >= divisor {
                self.subtract(&divisor);
                quotient |= 1;
            }
        }
        quotient
    }

    /// The highest 128 bits, the number of bits below them, and whether those are not all zeros.
    pub(super) fn leading_bits(&self) -> (u128, i64, bool) {
        let below = (self.bits() - 128).max(0) as usize;
        let (limbs, bits) = (below / 64, below % 64);
        let limb = |index: usize| u128::from(self.limbs.get(limbs + index).copied().unwrap_or(0));
        let low = limb(0) | limb(1) << 64;
        let leading = if bits == 0 { low } else { low >> bits | limb(2) << (128 - bits) };
        let inexact = self.limbs[..limbs.min(self.limbs.len())].iter().any(|&limb| limb != 0)
            || (limb(0) as u64) << 1 << (63 - bits) != 0;
        (leading, below as i64, inexact)
    }

    /// The decimal text.
    pub(super) fn into_text(mut self) -> String {
        let mut chunks = Vec::new();
        while !self.is_zero() {
            let mut rest = 0;
            for limb in self.limbs.iter_mut().rev() {
                let value = u128::from(rest) << 64 | u128::from(*limb);
                *limb = (value / u128::from(CHUNK)) as u64;
                rest = (value % u128::from(CHUNK)) as u64;
            }
            self.trim();
            chunks.push(rest);
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        for chunk in chunks.iter().rev() {
            text.push_str(&format!("{chunk:0CHUNK_DIGITS$}"));
        }
        text
    }
}

impl From<u64> for Natural {
    fn from(value: u64) -> Natural {
        let mut number = Natural { limbs: vec![value] };
        number.trim();
        number
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Natural) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Natural) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}
