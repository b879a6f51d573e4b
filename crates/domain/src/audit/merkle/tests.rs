use super::*;
use crate::audit::hex;

/// The eight entries and roots that the Certificate Transparency reference implementation tests itself with.
const ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn tree_of(size: usize) -> Tree {
    let mut tree = Tree::new();
    for number in 0..size {
        tree.append(leaf_hash(&number.to_be_bytes()));
    }
    tree
}

#[test]
fn an_empty_log_has_the_hash_of_nothing() {
    let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex::encode(&Tree::new().root()), expected);
    assert_eq!(hex::encode(&Frontier::new().root()), expected);
}

#[test]
fn the_certificate_transparency_vectors_hold_for_the_tree_and_the_frontier() {
    let mut tree = Tree::new();
    let mut frontier = Frontier::new();
    for (entry, root) in ENTRIES.iter().zip(ROOTS) {
        tree.append(leaf_hash(&unhex(entry)));
        frontier.append(leaf_hash(&unhex(entry)));
        assert_eq!(hex::encode(&tree.root()), root);
        assert_eq!(hex::encode(&frontier.root()), root);
    }
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hex::encode(&tree.root_at(size).unwrap()), root);
    }
    assert_eq!(tree.root_at(0), Some(empty_root()));
    assert_eq!(tree.root_at(9), None);
}

#[test]
fn a_stored_frontier_goes_on_where_it_stopped() {
    let mut whole = Frontier::new();
    let mut resumed = Frontier::new();
    for number in 0..200_u64 {
        whole.append(leaf_hash(&number.to_be_bytes()));
        resumed = Frontier::from_parts(resumed.size(), resumed.peaks().to_vec()).unwrap();
        resumed.append(leaf_hash(&number.to_be_bytes()));
        assert_eq!(whole, resumed);
        assert_eq!(whole.root(), tree_of(usize::try_from(number).unwrap() + 1).root());
    }
    assert_eq!(Frontier::from_parts(3, vec![[0; 32]]), None);
}

#[test]
fn every_leaf_of_every_tree_up_to_40_is_proven_and_no_other_claim_is() {
    let tree = tree_of(40);
    for size in 1..=40_usize {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let proof = tree.inclusion_proof(index, size).unwrap();
            let leaf = leaf_hash(&index.to_be_bytes());
            let holds = |leaf: &Hash, index: usize, size: usize, proof: &[Hash], root: &Hash| {
                verify_inclusion(leaf, index as u64, size as u64, proof, root)
            };
            assert!(holds(&leaf, index, size, &proof, &root));
            assert!(!holds(&[7; 32], index, size, &proof, &root), "another leaf");
            assert!(!holds(&leaf, index, size, &proof, &[7; 32]), "another root");
            for other in (0..size).filter(|other| *other != index) {
                assert!(!holds(&leaf, other, size, &proof, &root), "another place");
            }
            for step in 0..proof.len() {
                let mut bent = proof.clone();
                bent[step][0] ^= 1;
                assert!(!holds(&leaf, index, size, &bent, &root), "a bent step");
                let mut short = proof.clone();
                short.remove(step);
                assert!(!holds(&leaf, index, size, &short, &root), "a step left out");
            }
            let mut long = proof.clone();
            long.push([0; 32]);
            assert!(!holds(&leaf, index, size, &long, &root), "a step too many");
            assert!(!holds(&leaf, size, size, &proof, &root), "beyond the end");
        }
        assert_eq!(tree.inclusion_proof(size, size), None);
    }
    assert_eq!(tree.inclusion_proof(0, 41), None);
}

#[test]
fn every_older_tree_is_proven_a_beginning_and_no_other_history_is() {
    let tree = tree_of(40);
    for new in 1..=40_usize {
        let new_root = tree.root_at(new).unwrap();
        for old in 1..=new {
            let old_root = tree.root_at(old).unwrap();
            let proof = tree.consistency_proof(old, new).unwrap();
            let holds = |old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
                verify_consistency(old as u64, old_root, new as u64, new_root, proof)
            };
            assert!(holds(&old_root, &new_root, &proof), "{old} of {new}");
            assert!(!holds(&[7; 32], &new_root, &proof), "another old root");
            assert!(!holds(&old_root, &[7; 32], &proof), "another new root");
            for step in 0..proof.len() {
                let mut bent = proof.clone();
                bent[step][31] ^= 0x80;
                assert!(!holds(&old_root, &new_root, &bent), "a bent step");
                let mut short = proof.clone();
                short.remove(step);
                assert!(!holds(&old_root, &new_root, &short), "a step left out");
            }
            let mut long = proof.clone();
            long.push([0; 32]);
            assert!(!holds(&old_root, &new_root, &long), "a step too many");
        }
    }
    assert!(verify_consistency(0, &empty_root(), 5, &[1; 32], &[]));
    assert!(!verify_consistency(0, &[1; 32], 5, &[1; 32], &[]));
    assert!(!verify_consistency(6, &[1; 32], 5, &[1; 32], &[]));
    assert_eq!(tree.consistency_proof(0, 5), None);
    assert_eq!(tree.consistency_proof(6, 5), None);
    assert_eq!(tree.consistency_proof(6, 41), None);
}

#[test]
fn a_leaf_can_not_pass_for_a_node() {
    let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let mut glued = left.to_vec();
    glued.extend_from_slice(&right);
    assert_ne!(leaf_hash(&glued), node_hash(&left, &right));
}
