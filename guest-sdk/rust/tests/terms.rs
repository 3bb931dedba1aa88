//! Terms, without a host: encodings are those that ABI.md calls canonical, and no bytes make reading them fail otherwise than with an error.

use std::collections::BTreeMap;

use moonlet::{decode, encode, message, Atom, Bytes, Decode, Decoder, Encode, Patterns, Receive, Term};

message! {
    #[derive(Clone, Debug, PartialEq)]
    enum Tree {
        Leaf as "leaf",
        Node as "node" { left: Box, right: Box },
    }
}

/// A tree below another one.
#[derive(Clone, Debug, PartialEq)]
struct Box(std::boxed::Box<Tree>);

impl Encode for Box {
    fn encode(&self, to: &mut moonlet::Encoder) {
        self.0.encode(to);
    }
}

impl Decode for Box {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, moonlet::DecodeError> {
        Tree::decode(from).map(|tree| Box(std::boxed::Box::new(tree)))
    }
}

fn kept<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: T) {
    assert_eq!(decode::<T>(&encode(&value)).as_ref(), Ok(&value));
}

#[test]
fn values_survive_the_way_out_and_in() {
    for n in [0, 255, 256, -1, i64::from(i32::MIN), i64::from(i32::MAX) + 1, i64::MIN, i64::MAX] {
        kept(n);
    }
    kept(u64::MAX);
    kept((1u8, -2i16, 3.5f64, true, false, ()));
    kept(vec![Some("a".to_string()), None]);
    kept(Bytes(vec![0, 255]));
    kept(Bytes(vec![]));
    kept(BTreeMap::from([("one".to_string(), vec![1]), ("none".to_string(), vec![])]));
    kept(Atom::new("a long atom's name"));
    let leaf = || Box(std::boxed::Box::new(Tree::Leaf));
    kept(Tree::Node { left: leaf(), right: leaf() });
}

#[test]
fn encodings_are_the_canonical_ones() {
    assert_eq!(encode(255), [131, 97, 255]);
    assert_eq!(encode(256), [131, 98, 0, 0, 1, 0]);
    assert_eq!(encode(1u64 << 31), [131, 110, 4, 0, 0, 0, 0, 128]);
    assert_eq!(encode(-(1i64 << 40)), [131, 110, 6, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(encode(1.5), [131, 70, 63, 248, 0, 0, 0, 0, 0, 0]);
    assert_eq!(encode("é"), [131, 109, 0, 0, 0, 2, 195, 169]);
    assert_eq!(encode(Bytes(vec![7])), [131, 77, 0, 0, 0, 1, 8, 7]);
    assert_eq!(encode(Bytes(vec![])), [131, 77, 0, 0, 0, 0, 0]);
    assert_eq!(encode(Vec::<i32>::new()), [131, 106]);
    assert_eq!(encode(vec![1]), [131, 108, 0, 0, 0, 1, 97, 1, 106]);
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    assert_eq!(decode::<u8>(&encode(300)).unwrap_err().to_string(), "expected an integer from 0 to 255, found 300");
    assert_eq!(decode::<bool>(&encode(1)).unwrap_err().to_string(), "expected true or false, found 1");
    let half = encode((Atom::new("node"), Atom::new("leaf"), (1, 2)));
    assert_eq!(decode::<Tree>(&half).unwrap_err().to_string(), "node.right: expected a message, found {1,2}");
    let other = encode((Atom::new("twig"), 1));
    assert_eq!(decode::<Tree>(&other).unwrap_err().to_string(), "expected a message of Tree, found twig with 1 fields");
}

#[test]
fn nesting_has_an_end() {
    let mut deep = vec![131];
    (0..100_000).for_each(|_| deep.extend([108, 0, 0, 0, 1]));
    deep.extend([106; 100_001]);
    assert!(decode::<Term>(&deep).unwrap_err().to_string().contains("nested"));
    let mut trees = vec![131];
    (0..100_000).for_each(|_| trees.extend([104, 3, 119, 4, b'n', b'o', b'd', b'e']));
    assert!(decode::<Tree>(&trees).unwrap_err().to_string().contains("nested"));
}

#[test]
fn sizes_that_lie_allocate_nothing() {
    for tag in [105, 108, 109, 77, 111, 112, 116] {
        let lie = [131, tag, 255, 255, 255, 255, 1, 2, 3];
        assert!(decode::<Term>(&lie).is_err());
        assert!(decode::<Vec<u8>>(&lie).is_err());
    }
}

#[test]
fn whatever_the_bytes_are_reading_them_ends() {
    let mut state = 88_172_645_463_325_252u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let tags = [70, 77, 88, 90, 97, 98, 104, 105, 106, 108, 109, 110, 111, 112, 113, 116, 118, 119];
    for _ in 0..50_000 {
        let mut bytes = vec![131];
        for _ in 0..random() % 40 {
            let tagged = random() % 3 == 0;
            bytes.push(if tagged { tags[random() as usize % tags.len()] } else { random() as u8 % 8 });
        }
        if let Ok(term) = decode::<Term>(&bytes) {
            assert_eq!(decode::<Term>(&encode(&term)).map(|again| again.to_string()), Ok(term.to_string()));
        }
        let _ = decode::<Tree>(&bytes);
        let _ = decode::<(Vec<i64>, BTreeMap<String, f64>)>(&bytes);
    }
}

#[test]
fn a_selective_receive_asks_for_how_a_message_begins() {
    let patterns = |fill: fn(&mut Patterns)| {
        let mut patterns = Patterns::new();
        fill(&mut patterns);
        patterns.bytes().to_vec()
    };
    assert_eq!(patterns(Tree::patterns), [[7, 0, 0, 0, 131, 119, 4].as_slice(), b"leaf", &[9, 0, 0, 0, 131, 104, 3, 119, 4], b"node"].concat());
    assert_eq!(patterns(<(i32, i32)>::patterns), [3, 0, 0, 0, 131, 104, 2]);
    assert_eq!(patterns(Term::patterns), [0, 0, 0, 0]);
}
