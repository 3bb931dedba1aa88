// What the tests of the crate run: one entry for each behaviour.
use moonlet::*;

message! { struct Begin as "begin" { from: Pid } }
message! { enum Kind { Small as "small" { n: u8 }, Nothing as "nothing" } }

/// Sends everything back.
fn echo() {
    loop {
        let (from, term): (Pid, Term) = receive();
        send(&from, (Atom::new("echo"), term));
    }
}

/// Answers in the order in which it asks, not in which they came.
fn selective() {
    let Begin { from } = receive();
    let numbers: Vec<i64> = receive();
    let kinds: [Kind; 2] = [receive(), receive()];
    let small = kinds.iter().filter(|kind| matches!(kind, Kind::Small { .. })).count();
    let nothing = receive_within::<Kind>(0).is_none();
    send(&from, (numbers.len(), small, nothing, receive::<String>()));
}

fn wrong_field() {
    let _: Kind = receive();
}

fn child(n: i64) {
    match n {
        0 => panic!("nothing to do"),
        1 => exit((Atom::new("shutdown"), "done")),
        _ => {}
    }
}

/// Monitors, links, exits, names, timers, aliases, the dictionary: a line for each, checked by the test.
fn processes() {
    let say = |text: String| stdio::print(text);
    let Monitored { monitor, .. } = spawn_monitor(|| child(1));
    say(format!("down: {}", receive_down(&monitor).reason));
    trap_exit(true);
    let pid = SpawnOptions::new().link().label("a child").spawn_with(child, 0);
    let ended: Exit = receive();
    say(format!("exit: {} {}", ended.from == pid, matches!(ended.reason, Term::Tuple(_))));
    say(format!("alive: {} {}", is_alive(&pid), is_alive(&self_pid())));
    registry::register("me", &self_pid()).unwrap();
    say(format!("name: {:?} {:?}", registry::whereis("me") == Some(self_pid()), registry::register("me", &pid)));
    send("me", "by name");
    say(format!("got: {}", receive::<String>()));
    say(format!("nobody: {:?}", try_send("nobody", 1)));
    let timer = timer::start(1.0, self_pid(), "late");
    say(format!("timer: {}", receive::<timer::Timeout>().timer == timer));
    say(format!("left: {:?} {:?}", timer::cancel(&timer), timer::cancel(&timer::send_after(9000.0, self_pid(), 1)).is_some()));
    let once = alias(true);
    send(&once, 1);
    send(&once, 2);
    say(format!("alias: {} {:?}", receive::<i64>(), receive_within::<i64>(0)));
    put("key", 1);
    say(format!("dictionary: {:?} {:?} {:?}", put("key", 2), get("key"), erase("other")));
    say(format!("priority: {:?} {:?}", priority(Priority::High), priority(Priority::Normal)));
    let full = SpawnOptions::new().mailbox(1, "reject").spawn(|| drop(receive::<()>()));
    say(format!("mailbox: {} {:?}", send_all(&[full.clone(), full.clone()], 1), try_send(&full, 1)));
    let child = |to: Pid| send(&to, registry::register("child", &self_pid()) == Err(Error::NotGranted));
    SpawnOptions::new().grants(&["spawn"]).spawn_with(child, self_pid());
    say(format!("no grant: {}", receive::<bool>()));
    sleep(1);
    say(format!("time: {}", monotonic_ns() > 0 && random_u64() != random_u64()));
}

fn argument_is() {
    let (name, n): (String, i64) = argument();
    stdio::print(format!("{} {}", name, n));
    spawn_with(|_: i64| stdio::print(format!("child {}", argument::<i64>())), n + 1);
}

fn panics() {
    let numbers: Vec<i32> = Vec::new();
    stdio::print(numbers[self_pid().bytes().len()]);
}

#[derive(Default)]
struct Counter {
    total: i64,
    patience: bool,
}

impl Server for Counter {
    type Argument = i64;
    type Call = Term;
    type Cast = i64;

    fn init(total: i64) -> Result<Self, Refusal> {
        match total {
            -1 => Err(Refusal::Ignore),
            -2 => Err(Refusal::Stop(Term::atom("too_small"))),
            _ => Ok(Counter { total, patience: false }),
        }
    }

    fn handle_call(&mut self, request: Term, caller: Caller) -> Next {
        if request.is_atom("wait") {
            self.patience = true;
            caller.reply(());
            return Next::Within(5);
        }
        if request.is_atom("stop") {
            caller.reply(self.total);
            return Next::Stop(Term::atom("asked"));
        }
        self.total += request.read::<i64>().unwrap_or(0);
        caller.reply(self.total);
        match self.patience {
            true => Next::Within(5),
            false => Next::Continue,
        }
    }

    fn handle_cast(&mut self, n: i64) -> Next {
        self.total += n;
        Next::Continue
    }

    fn handle_timeout(&mut self) -> Next {
        self.total += 1000;
        self.patience = false;
        Next::Continue
    }

    fn terminate(&mut self, reason: &Term) {
        stdio::print(format!("counter ends: {} with {}", reason, self.total));
    }

    fn state(&self) -> Term {
        Term::of(self.total)
    }

    fn replace_state(&mut self, state: Term) -> bool {
        state.read().map(|total| self.total = total).is_ok()
    }
}

fn counter() {
    serve(Counter::default());
}

/// Starts servers, well and badly, also under a name.
fn starts() {
    trap_exit(true);
    let say = |text: String| stdio::print(text);
    let options = SpawnOptions::new().link().name("counter");
    let pid = start_with::<Counter>(&options, 5).unwrap();
    say(format!("again: {}", matches!(start_with::<Counter>(&options, 5), Err(StartError::Failed(Term::Tuple(_))))));
    say(format!("ignored: {}", start_link::<Counter>(-1).unwrap_err()));
    say(format!("refused: {}", start::<Counter>(-2).unwrap_err()));
    say(format!("no exit is left: {}", receive_within::<Exit>(0).is_none()));
    say(format!("called: {}", call::<i64>("counter", 2)));
    say(format!("nobody: {}", try_call::<i64>("nobody", 2, 100).unwrap_err()));
    say(format!("itself: {}", try_call::<i64>(self_pid(), 2, 100).unwrap_err()));
    say(format!("stopped: {}", call::<i64>(&pid, Atom::new("stop"))));
    say(format!("exit: {}", receive::<Exit>().reason));
}

/// A frame of some size, which the optimiser cannot leave out.
#[inline(never)]
fn deep(n: u64) -> u64 {
    let pad = [n; 4];
    let below = if n == u64::MAX { 0 } else { deep(n + 1) };
    below ^ unsafe { std::ptr::read_volatile(&pad[n as usize & 3]) }
}

fn recurse() {
    stdio::print(deep(self_pid().bytes().len() as u64));
}

/// A number for what there is, or how it failed: the same ones as in C.
fn number<T: Into<i64>>(result: Result<T, Error>) -> i64 {
    match result {
        Ok(value) => value.into(),
        Err(Error::BadArg) => -2,
        Err(Error::NotGranted) => -5,
        Err(_) => -100,
    }
}

fn tables() {
    let stock = table::Options::new().public().named().create::<&str, i64>("stock").unwrap();
    let same = table::named::<&str, i64>("stock");
    let mut told = vec![0, number(stock.set("apples", 3).map(|()| 0)), number(stock.set_new("apples", 3))];
    let found = same.get("apples").unwrap();
    told.extend([i64::from(found.is_some()), found.unwrap()]);
    told.extend([stock.add("apples", -1).unwrap(), stock.add("pears", 5).unwrap(), number(stock.has("pears"))]);
    told.extend([number(stock.delete("pears").map(|()| 0)), number(stock.has("pears"))]);
    told.extend([stock.len().unwrap() as i64, number(stock.remove().map(|()| 0)), number(same.set("apples", 3).map(|()| 0))]);
    send(&argument::<Pid>(), told);
}

/// Reads a stream that it is sent to the end, and tells how many bytes there were, and the sum of them.
fn reads(asker: Pid) {
    let reader: stream::Reader = receive();
    let (mut count, mut sum) = (0i64, 0i64);
    while let Some(bytes) = reader.read(77).unwrap() {
        count += bytes.len() as i64;
        sum += bytes.iter().map(|&byte| i64::from(byte)).sum::<i64>();
    }
    send(&asker, vec![0, count, sum]);
}

fn streams() {
    let other = spawn_with(reads, argument::<Pid>());
    let (reader, writer) = stream::open(100).unwrap();
    reader.give(&other).unwrap();
    send(&other, &reader);
    let many: Vec<u8> = (0..5000u32).map(|i| i as u8).collect();
    writer.write(&many).unwrap();
    writer.close().unwrap();
}

fn groups() {
    let (me, name) = (self_pid(), "lobby");
    let mut told = vec![number(group::join(name, &me).map(|()| 0))];
    let (monitor, before) = group::monitor(name);
    told.extend([0, number(group::join(name, &me).map(|()| 0))]);
    let members = group::members(name);
    told.extend([members.len() as i64, i64::from(members[0] == me && before.len() == 1)]);
    let news = match receive_any() {
        Term::Tuple(news) => news.len(),
        _ => 0,
    };
    told.extend([news as i64, i64::from(group::demonitor(&monitor))]);
    told.extend((0..3).map(|_| number(group::leave(name, &me))));
    send(&argument::<Pid>(), told);
}

/// Tells how it is with a grant now, each time that it is sent something.
fn borrower(asker: Pid) {
    loop {
        receive_any();
        send(&asker, i64::from(grant::has("register:own.x")));
    }
}

fn grants() {
    let mut told = vec![i64::from(grant::has("register:own.*")), i64::from(grant::has("kill"))];
    // What is no grant ends a program in Rust; C gets the code.
    told.push(-2);
    told.extend([number(grant::ask("kill").map(|()| 1)), number(grant::ask("register:cart.1").map(|()| 1))]);
    told.push(i64::from(grant::list().contains(&String::from("register:cart.1"))));
    let other = SpawnOptions::new().grants(&[]).spawn_with(borrower, self_pid());
    let ask = || {
        send(&other, Atom::new("tell"));
        receive::<i64>()
    };
    told.push(ask());
    let loan = grant::lend("register:own.*", &other).unwrap();
    told.extend([0, ask(), i64::from(grant::revoke(&loan)), ask(), i64::from(grant::revoke(&loan))]);
    send(&argument::<Pid>(), told);
}

entry!(
    "main" => processes,
    "echo" => echo,
    "selective" => selective,
    "wrong_field" => wrong_field,
    "argument_is" => argument_is,
    "panics" => panics,
    "counter" => counter,
    "starts" => starts,
    "recurse" => recurse,
    "tables" => tables,
    "streams" => streams,
    "groups" => groups,
    "grants" => grants,
);
