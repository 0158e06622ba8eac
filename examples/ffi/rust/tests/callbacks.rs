//! Closures: their panics and errors, who drops them and when; threads.
mod common;
use common::*;
use ift::*;
use std::{
    cell::RefCell,
    error::Error as _,
    ops::ControlFlow::{Break, Continue},
    panic::{catch_unwind, AssertUnwindSafe},
    rc::Rc,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex,
    },
    thread,
};

/// What a panic inside `function` says.
fn panic_of<T>(function: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(function)).err().expect("a panic");
    *payload.downcast::<&str>().map(|text| Box::new(text.to_string())).unwrap()
}

#[test]
fn a_monitor_watches_and_stops() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = seen.clone();
    flow.set_monitor(move |flow| {
        let mut notes = notes.lock().unwrap();
        notes.push((flow.integer("step").unwrap(), flow.real("energy").unwrap(), flow.measure().len()));
        if notes.len() >= 4 {
            Break(())
        } else {
            Continue(())
        }
    })
    .unwrap();
    assert_eq!(flow.step(10).unwrap(), Outcome::Stopped);
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.iter().map(|note| note.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(seen[3].1, flow.real("energy").unwrap());
    flow.request_stop();
    assert_eq!(flow.run(3).unwrap(), Outcome::Stopped);
    assert_eq!(flow.run(3).unwrap(), Outcome::Stopped); // by the monitor
}

#[test]
fn panics_come_out_and_everything_stays_usable() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    flow.set_monitor(|flow| if flow.integer("step").unwrap() == 2 { panic!("at two") } else { Continue(()) }).unwrap();
    assert_eq!(panic_of(|| flow.step(5)), "at two");
    assert_eq!(flow.integer("step").unwrap(), 2);
    assert_eq!(flow.step(1).unwrap(), Outcome::Done);

    let kernel = Kernel::custom(&context, |_, _, _, _| panic!("no values")).unwrap();
    let x = cloud(3, 1);
    assert_eq!(panic_of(|| kernel.gram(Points::new(&x, 2), None)), "no values");
    assert_eq!(panic_of(|| kernel.mmd2(&measure(&context, 3, 1), &measure(&context, 3, 2))), "no values");

    let target = Target::samples(&context, &measure(&context, 30, 1)).unwrap();
    let mut search = Compression::new(&context, &Kernel::gaussian(&context, 1.0).unwrap(), &target, 3).unwrap();
    search.set_monitor(|_| panic!("found")).unwrap();
    assert_eq!(panic_of(|| search.run()), "found");
    assert_eq!(search.measure().unwrap().len(), 3);

    let silent = Context::new().unwrap();
    silent.set_log(|_| panic!("said")).unwrap();
    assert_eq!(panic_of(|| simplex_qp(&silent, &[1.0, 0.0, 0.0, 1.0], &[1.0, 1.0], 1.0, Method::default())), "said");
}

#[test]
fn errors_come_out_with_their_source() {
    let context = Context::new().unwrap();
    let energy = Energy::potential(&context, 2, |_, _, _| {
        let number: f64 = "four".parse()?;
        panic!("{number}")
    })
    .unwrap();
    let error = energy.value(&measure(&context, 3, 1)).err().unwrap();
    assert_eq!((error.kind(), error.name()), (Kind::Callback, "IFT_ERR_CALLBACK"));
    assert!(error.source().unwrap().is::<std::num::ParseFloatError>());
}

#[test]
fn logs() {
    let context = Context::new().unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let notes = lines.clone();
    context.set_log(move |line| notes.lock().unwrap().push(line.to_owned())).unwrap();
    simplex_qp(&context, &[1.0, 0.0, 0.0, 1.0], &[1.0, 1.0], 1.0, Method::default()).unwrap();
    assert!(!lines.lock().unwrap().is_empty());
    drop(context);
    assert_eq!(Arc::strong_count(&lines), 1);
}

/// Counts how many of it there are.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Counted(count.clone())
    }
    fn touch(&self) {}
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn closures_are_dropped_once_and_when_nothing_needs_them() {
    let count = Arc::new(AtomicUsize::new(0));
    let now = || count.load(Ordering::SeqCst);
    let context = Context::new().unwrap();
    let inside = Counted::new(&count);
    let kernel = Kernel::custom(&context, move |values, gradients, _, _| {
        inside.touch();
        values.fill(1.0);
        gradients.into_iter().flatten().for_each(|slope| *slope = 0.0);
        Ok(())
    })
    .unwrap();
    let samples = measure(&context, 5, 1);
    let target = Target::samples(&context, &samples).unwrap();
    let energy = Energy::mmd(&context, &kernel, &target).unwrap();
    let mut flow = Flow::new(&context, "wasserstein", &energy, &samples).unwrap();
    drop((context, kernel, target, samples, energy));
    assert_eq!(now(), 1);
    for expected in [2, 2] {
        let inside = Counted::new(&count);
        flow.set_monitor(move |_| {
            inside.touch();
            Continue(())
        })
        .unwrap();
        assert_eq!(now(), expected);
    }
    flow.step(2).unwrap();
    drop(flow);
    assert_eq!(now(), 0);

    // a call that fails takes the closure all the same
    let context = Context::new().unwrap();
    let inside = Counted::new(&count);
    let refused = Energy::potential(&context, 0, move |_, _, _| {
        inside.touch();
        Ok(())
    });
    assert_eq!((refused.err().unwrap().kind(), now()), (Kind::Argument, 0));
}

#[test]
fn an_object_that_enters_itself_is_told_so() {
    thread_local!(static ITSELF: RefCell<Option<Rc<Energy>>> = const { RefCell::new(None) });
    let context = Context::new().unwrap();
    let inside = measure(&context, 3, 1);
    let energy = Energy::potential(&context, 2, move |_, _, _| {
        let itself = ITSELF.with(|itself| itself.borrow().clone()).unwrap();
        itself.value(&inside).map(drop).map_err(BoxError::from)
    });
    let energy = Rc::new(energy.unwrap());
    ITSELF.with(|itself| itself.replace(Some(energy.clone())));
    let mu = measure(&context, 3, 1);
    let inner = energy.value(&mu).err().unwrap();
    ITSELF.with(|itself| itself.take());
    assert_eq!(inner.source().unwrap().downcast_ref::<Error>().unwrap().kind(), Kind::Busy);
}

#[test]
fn objects_go_to_other_threads() {
    let context = Context::new().unwrap();
    let mut flow = flow(&context);
    flow.set_monitor(|_| Continue(())).unwrap();
    let moved = thread::spawn(move || {
        flow.step(5).unwrap();
        flow
    });
    let flow = moved.join().unwrap();
    let mut here = common::flow(&context);
    here.step(5).unwrap();
    assert_eq!(flow.measure().positions().data(), here.measure().positions().data());
}

#[test]
fn calls_on_one_context_wait_for_each_other() {
    let context = Context::new().unwrap();
    let inside = Arc::new(AtomicUsize::new(0));
    let energies: Vec<(Energy, Measure)> = (0..3)
        .map(|_| {
            let inside = inside.clone();
            let energy = Energy::potential(&context, 2, move |values, _, _| {
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two calls at once");
                thread::sleep(std::time::Duration::from_millis(10));
                inside.fetch_sub(1, Ordering::SeqCst);
                values.fill(1.0);
                Ok(())
            });
            (energy.unwrap(), measure(&context, 3, 1))
        })
        .collect();
    let threads: Vec<_> = energies
        .into_iter()
        .map(|(energy, mu)| {
            thread::spawn(move || {
                for _ in 0..5 {
                    assert_eq!(energy.value(&mu).unwrap(), 1.0);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
