//! A small collection or a large one in one word: a [`Packed`], or a pointer to the large form with its lowest bit set.
//!
//! # Invariants
//! 1. `small` and `large` are one pointer each. The lowest bit of `large` is 1, that of `small` is 0, for it points to
//!    something that is aligned to 8 bytes (invariant 1 of [`buffer`](super::buffer)): the bit tells which one it is.
//! 2. `large` is the pointer of a box, one byte further, owned by the word; what it holds is aligned to 2 bytes or more.
//! 3. References given out borrow the word, so that neither form can change or go under them.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use redipy_command::sink::Whole;

use super::marked::Marked;
use super::packed::Packed;

/// A small collection or a large one.
#[repr(C)]
pub union Either<T> {
    small: ManuallyDrop<Packed>,
    large: NonNull<Marked<T>>,
}

/// The form that is there.
pub enum SmallOrLarge<'a, T> {
    /// The small one.
    Small(&'a Packed),
    /// The large one.
    Large(&'a T),
}

/// The form that is there, to be changed.
pub enum SmallOrLargeMut<'a, T> {
    /// The small one.
    Small(&'a mut Packed),
    /// The large one.
    Large(&'a mut T),
}

// SAFETY: a word owns what it points to (invariants 1 and 2).
unsafe impl<T: Send> Send for Either<T> {}
// SAFETY: as above; a shared word gives shared references only.
unsafe impl<T: Sync> Sync for Either<T> {}

const TAG: usize = 1;

impl<T> Either<T> {
    const FITS: () = {
        assert!(size_of::<Packed>() == size_of::<NonNull<Marked<T>>>(), "both are one word");
        assert!(align_of::<Marked<T>>() > TAG, "the lowest bit is free");
    };

    /// Bytes that the large form takes, without what it owns itself.
    pub const LARGE: usize = size_of::<Marked<T>>();

    /// The small form.
    pub const fn small(packed: Packed) -> Self {
        const { Self::FITS }
        Either { small: ManuallyDrop::new(packed) }
    }

    /// The large form.
    pub fn large(value: T) -> Self {
        const { Self::FITS }
        let marked = Box::new(Marked::new(value));
        // SAFETY: a mark has more than one byte.
        Either { large: unsafe { NonNull::from(Box::leak(marked)).byte_add(TAG) } }
    }

    #[inline]
    fn is_large(&self) -> bool {
        // SAFETY: both forms are a pointer that is not null (invariant 1).
        unsafe { self.large }.addr().get() & TAG != 0
    }

    /// The large form's pointer.
    ///
    /// # Safety
    /// The large form is there.
    #[inline]
    unsafe fn pointer(&self) -> NonNull<Marked<T>> {
        // SAFETY: invariant 2.
        unsafe { self.large.byte_sub(TAG) }
    }

    /// The form that is there.
    #[inline]
    pub fn form(&self) -> SmallOrLarge<'_, T> {
        // SAFETY: the lowest bit says which form it is (invariant 1).
        unsafe {
            if self.is_large() {
                SmallOrLarge::Large(self.pointer().as_ref().get())
            } else {
                SmallOrLarge::Small(&self.small)
            }
        }
    }

    /// The form that is there, to be changed.
    #[inline]
    pub fn form_mut(&mut self) -> SmallOrLargeMut<'_, T> {
        // SAFETY: the lowest bit says which form it is (invariant 1), and the word is borrowed mutably.
        unsafe {
            if self.is_large() {
                SmallOrLargeMut::Large(self.pointer().as_mut().get_mut())
            } else {
                SmallOrLargeMut::Small(&mut self.small)
            }
        }
    }

    /// What is there, known by something that is the same only for the same elements in the same order.
    pub fn whole(&self) -> Whole<'_> {
        // SAFETY: the lowest bit says which form it is (invariant 1).
        unsafe {
            if self.is_large() { Whole::Mark(self.pointer().as_ref().mark()) } else { Whole::Bytes(self.small.data()) }
        }
    }
}

impl<T> Drop for Either<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the lowest bit says which form it is (invariant 1), and the word is not used again.
        unsafe {
            if self.is_large() {
                drop(Box::from_raw(self.pointer().as_ptr()));
            } else {
                ManuallyDrop::drop(&mut self.small);
            }
        }
    }
}

impl<T: Clone> Clone for Either<T> {
    fn clone(&self) -> Self {
        match self.form() {
            SmallOrLarge::Small(packed) => Self::small(packed.clone()),
            SmallOrLarge::Large(large) => Self::large(large.clone()),
        }
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Either<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.form() {
            SmallOrLarge::Small(packed) => packed.fmt(f),
            SmallOrLarge::Large(large) => large.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed::Item;
    use super::*;
    use proptest::prelude::*;

    type Texts = Vec<Vec<u8>>;

    fn texts(either: &Either<Texts>) -> Texts {
        match either.form() {
            SmallOrLarge::Small(packed) => packed.iter().map(Item::to_vec).collect(),
            SmallOrLarge::Large(texts) => texts.clone(),
        }
    }

    #[test]
    fn it_is_one_word() {
        assert_eq!(size_of::<Either<Texts>>(), 8);
    }

    proptest! {
        #[test]
        fn it_holds_what_was_put_into_it(ops in prop::collection::vec((0..5_u8, any::<u16>()), 0..100)) {
            let (mut either, mut model, mut large) = (Either::<Texts>::small(Packed::new()), Texts::new(), false);
            for (op, n) in ops {
                let text = n.to_string().into_bytes();
                match op {
                    0 | 1 => {
                        match either.form_mut() {
                            SmallOrLargeMut::Small(packed) => packed.push_back(Item::Bytes(&text)),
                            SmallOrLargeMut::Large(texts) => texts.push(text.clone()),
                        }
                        model.push(text);
                    }
                    2 => either = either.clone(),
                    3 => {
                        either = Either::large(texts(&either));
                        large = true;
                    }
                    _ => {
                        let mut packed = Packed::new();
                        texts(&either).iter().for_each(|text| packed.push_back(Item::Bytes(text)));
                        either = Either::small(packed);
                        large = false;
                    }
                }
                prop_assert_eq!(matches!(either.form(), SmallOrLarge::Large(_)), large);
                prop_assert_eq!(&texts(&either), &model);
            }
        }
    }
}
