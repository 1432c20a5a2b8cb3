import FreshetProcess

/// The keeper of the tests: what `freshet contain` is, without the rest of the program.
@main
enum TestKeeper {
    static func main() { Keeper.run() }
}
