// A bank account as a gen_server: its state is a struct, calls are answered now or later, casts are not, and the system messages of OTP's
// sys are answered by themselves.
use moonlet::stdio::print;
use moonlet::{
    call, cast, entry, message, registry, self_pid, send_request, serve, start, start_link, trap_exit, try_call, Atom, Caller, Next, Refusal,
    Request, Server, Term,
};

message! {
    pub enum Order {
        Withdraw as "withdraw" { amount: i64 },
        Balance as "balance",
        WhenAbove as "when_above" { amount: i64 },
        Close as "close",
    }
}
message! { pub struct Deposit as "deposit" { amount: i64 } }

#[derive(Default)]
struct Account {
    balance: i64,
    /// Who waits for the balance to rise above a threshold.
    waiting: Option<(Caller, i64)>,
}

impl Server for Account {
    type Argument = i64;
    type Call = Order;
    type Cast = Deposit;

    /// Whoever starts the account waits for this.
    fn init(balance: i64) -> Result<Self, Refusal> {
        if balance < 0 {
            return Err(Refusal::Stop(Term::atom("no_credit")));
        }
        trap_exit(true);
        Ok(Account { balance, waiting: None })
    }

    fn handle_call(&mut self, order: Order, caller: Caller) -> Next {
        match order {
            Order::Withdraw { amount } if amount > self.balance => caller.reply(Atom::new("insufficient_funds")),
            Order::Withdraw { amount } => {
                self.balance -= amount;
                caller.reply(self.balance);
            }
            Order::Balance => caller.reply(self.balance),
            // No reply now: the caller goes on waiting until a deposit comes.
            Order::WhenAbove { amount } => self.waiting = Some((caller, amount)),
            Order::Close => {
                caller.reply(());
                return Next::stop();
            }
        }
        Next::Continue
    }

    fn handle_cast(&mut self, Deposit { amount }: Deposit) -> Next {
        self.balance += amount;
        match self.waiting.take() {
            Some((caller, threshold)) if self.balance > threshold => caller.reply(self.balance),
            still => self.waiting = still,
        }
        Next::Continue
    }

    fn terminate(&mut self, reason: &Term) {
        print(format!("the account closes ({}) with {}", reason, self.balance));
    }

    fn state(&self) -> Term {
        Term::of(self.balance)
    }

    fn replace_state(&mut self, state: Term) -> bool {
        state.read().map(|balance| self.balance = balance).is_ok()
    }
}

fn bank() {
    let account = start_link::<Account>(0).unwrap();
    cast(&account, Deposit { amount: 100 });
    print(format!("100 in, 30 out: {}", call::<i64>(&account, Order::Withdraw { amount: 30 })));
    print(format!("500 out: {}", call::<Term>(&account, Order::Withdraw { amount: 500 })));

    let above: Request<i64> = send_request(&account, Order::WhenAbove { amount: 1000 });
    cast(&account, Deposit { amount: 1000 });
    print(format!("above 1000: {}", above.wait(1000).unwrap()));

    print(format!("too slow: {}", try_call::<i64>(&account, Order::WhenAbove { amount: 9999 }, 20).unwrap_err()));
    print(format!("a second one: {}", start::<Account>(-1).unwrap_err()));
    call::<()>(&account, Order::Close);
}

/// An account that others find by its name.
fn named() {
    registry::register("account", &self_pid()).unwrap();
    serve(Account::default());
}

entry!("main" => bank, "named" => named);
