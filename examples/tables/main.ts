// Tables, as OTP's ets: shared between processes, ordered, searched by match specification, and handed on when their owner ends.
import {
  monitor, namedTable, newTable, parseTerm, Pid, print, receive, receiveDown, self, spawnWith, Table, TableAccess, TableOptions,
  TableTransfer, TableType, Term,
} from "moonlet/guest-sdk";

@message class Basket { constructor(public stock: Table<string, i64>, public fruit: string) {} }
@message class Player { constructor(public name: string, public points: i32) {} }

/** Counts in a table that somebody else owns. */
function picker(basket: Basket): void {
  for (let i = 0; i < 100; i++) basket.stock.add(basket.fruit, 1);
}

/** Owns a table for a moment, and leaves it to its heir. */
function scorer(heir: Pid): void {
  const options = new TableOptions();
  options.type = TableType.OrderedSet;
  options.named = true;
  options.heir = heir;
  options.heirData = Term.of("the game is over");
  const scores = newTable<i32, Player>("scores", options);
  const names = ["Ada", "Joe", "Robert", "Mike"];
  for (let i = 0; i < names.length; i++) scores.set(i * 10, new Player(names[i], i * i * 7));
}

export function main(): void {
  const options = new TableOptions();
  options.access = TableAccess.Public;
  const stock = newTable<string, i64>("stock", options);
  const apples = monitor(spawnWith(picker, new Basket(stock, "apples")));
  const pears = monitor(spawnWith(picker, new Basket(stock, "pears")));
  const more = monitor(spawnWith(picker, new Basket(stock, "apples")));
  receiveDown(apples);
  receiveDown(pears);
  receiveDown(more);
  print("apples: " + stock.get("apples").toString() + ", pears: " + stock.get("pears").toString());
  print("new plums: " + stock.setNew("plums", 3).toString() + ", new apples: " + stock.setNew("apples", 0).toString());
  print("figs: " + stock.getOr("figs", 0).toString() + ", taken plums: " + stock.take("plums")[0].toString());

  spawnWith(scorer, self());
  const transfer = receive<TableTransfer>();
  print("I inherit " + transfer.table.toString() + ": " + transfer.data.text);
  const scores = namedTable<i32, Player>("scores");
  print("keys in order: " + scores.keys().join(" "));

  // Who has more than 5 points? A match specification is a list of {Pattern, Guards, Body}.
  const spec = parseTerm("[{{'_', {player, '$1', '$2'}}, [{'>', '$2', 5}], [{{'$2', '$1'}}]}]");
  let page = scores.terms.selectPage(spec, 2);
  while (page.objects.length > 0) {
    print("page: " + Term.of(page.objects).toString());
    const next = page.continuation;
    if (next === null) break;
    page = scores.terms.more(next);
  }
  for (let key = scores.terms.last(); key !== null; key = scores.terms.previous(key)) {
    print(key.toString() + ": " + scores.get(key.as<i32>()).name);
  }
  print("removed: " + scores.terms.selectDelete(parseTerm("[{{'$1','_'},[{'<','$1',20}],[true]}]")).toString());
  print("left: " + scores.size.toString());
}
