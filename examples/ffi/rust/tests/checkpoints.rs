//! Flows that are put away and gone on with.
mod common;
use common::*;
use ift::*;
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
};

#[test]
fn a_restored_flow_goes_on_as_the_saved_one() {
    let context = Context::new().unwrap();
    let mut saved = flow(&context);
    saved.set("seed", 3).unwrap().set("noise", 0.01).unwrap().set("tau", 0.2).unwrap();
    saved.step(5).unwrap();
    let state = saved.save().unwrap();
    saved.step(5).unwrap();
    let mut other = flow(&context);
    other.restore(&state).unwrap();
    assert_eq!((other.integer("step").unwrap(), other.real("tau").unwrap()), (5, 0.2));
    other.step(5).unwrap();
    assert_eq!(other.measure().positions().data(), saved.measure().positions().data());
    assert_eq!(other.measure().weights(), saved.measure().weights());
    assert_eq!(other.save().unwrap(), saved.save().unwrap());
}

#[test]
fn a_monitor_may_save() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    let states = Arc::new(Mutex::new(Vec::new()));
    let kept = states.clone();
    flow.set_monitor(move |flow| {
        kept.lock().unwrap().push(flow.save().unwrap());
        ControlFlow::Continue(())
    })
    .unwrap();
    flow.step(3).unwrap();
    let states = states.lock().unwrap().clone();
    flow.restore(&states[0]).unwrap();
    assert_eq!(flow.integer("step").unwrap(), 1);
}

#[test]
fn what_is_refused_changes_nothing() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    flow.step(2).unwrap();
    let state = flow.save().unwrap();
    flow.step(1).unwrap();
    let before = flow.save().unwrap();
    let mut refused = |bytes: &[u8], kind: Kind, words: &str| {
        let error = flow.restore(bytes).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.message().contains(words), "{error}");
        assert_eq!(flow.save().unwrap(), before);
    };
    let changed = |at: usize, to: u8| {
        let mut bytes = state.clone();
        bytes[at] = to;
        bytes
    };
    refused(&[], Kind::Format, "no checkpoint");
    refused(&vec![1; state.len()], Kind::Format, "no checkpoint");
    refused(&state[..state.len() - 1], Kind::Format, "cut short");
    refused(&changed(200, !state[200]), Kind::Format, "damaged");
    refused(&changed(8, 2), Kind::Format, "has format 2; this version reads format 1");
    let kernel = Kernel::parse(&context, "gaussian:2").unwrap();
    let target = Target::samples(&context, &measure(&context, 40, 1)).unwrap();
    let energy = Energy::mmd(&context, &kernel, &target).unwrap();
    let other = Flow::new(&context, "spherical-ift", &energy, &measure(&context, 8, 2)).unwrap();
    refused(&other.save().unwrap(), Kind::Argument, "another energy");
    let nine = Flow::new(&context, "spherical-ift", &mmd(&context), &measure(&context, 9, 2)).unwrap();
    refused(&nine.save().unwrap(), Kind::Dimension, "9 particles");
}
