//! A stream with secrets, cut anywhere: every line of a secret is masked, and nothing else is lost.
#![no_main]

use azfob::testing::{MaskingWriter, Masks};

fn masked<'a>(masks: &Masks, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stream = MaskingWriter::new(&mut out, masks.clone());
    pieces.for_each(|piece| stream.push(piece).expect("memory takes it"));
    stream.finish().expect("memory takes it");
    drop(stream);
    out
}

libfuzzer_sys::fuzz_target!(|stream: ([&str; 3], Vec<&[u8]>, [u8; 3])| {
    let (values, mut pieces, places) = stream;
    for (value, place) in values.iter().zip(places) {
        pieces.insert(usize::from(place) % (pieces.len() + 1), value.as_bytes());
    }
    let whole = pieces.concat();
    let masks = Masks::new(values);
    let cut = masked(&masks, pieces.iter().copied());
    assert_eq!(cut, masked(&masks, std::iter::once(&whole[..])), "independent of the cuts");
    assert_eq!(cut, masked(&masks, whole.chunks(1)), "also if cut into bytes");
    let lines = || values.iter().flat_map(|value| value.split(['\r', '\n'])).map(str::trim);
    let hidden = || lines().filter(|line| line.chars().count() >= 3);
    // The asterisks of a mask can form a secret that consists of asterisks.
    for line in hidden().filter(|line| !line.contains('*')) {
        assert!(!cut.windows(line.len()).any(|part| part == line.as_bytes()), "{line:?} came through");
    }
    if !hidden().any(|line| whole.windows(line.len()).any(|part| part == line.as_bytes())) {
        assert_eq!(cut, whole, "nothing to mask");
    }
});
