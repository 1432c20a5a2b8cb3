import Testing

@testable import FreshetFailpoints

@Suite struct `The script of a failpoint` {
    private func script(_ text: String) throws -> FailpointScript { try FailpointScript(parsing: text) }

    @Test func `kills at the fourth passage when three are off`() throws {
        var script = try script("3*off->kill")
        #expect((1...5).map { _ in script.next { 0 } } == [.off, .off, .off, .kill, .kill])
    }

    @Test func `goes on to the next term when a chance is lost`() throws {
        var script = try script("25%error(disk full)->delay(7)")
        #expect(script.next { 24.9 } == .error("disk full"))
        #expect(script.next { 25 } == .delay(milliseconds: 7))
    }

    @Test func `counts only what was taken`() throws {
        var script = try script("50%1*kill")
        #expect([80.0, 10, 10].map { chance in script.next { chance } } == [.off, .kill, .off])
    }

    @Test func `does nothing when it is used up`() throws {
        var script = try script("2*error")
        #expect((1...3).map { _ in script.next { 0 } } == [.error("failpoint"), .error("failpoint"), .off])
    }

    @Test(arguments: [
        ("kil", "'kil' is not off, kill, error(text) or delay(ms)"), ("", "'' is not off"),
        ("delay", "'delay' is not off"), ("delay(soon)", "delay takes milliseconds"),
        ("120%kill", "a chance has to be 0% to 100%"), ("-1*kill", "a count cannot be below zero"),
        ("off->", "'' is not off"),
    ])
    func `says what it does not understand`(_ text: String, _ message: String) {
        #expect { try FailpointScript(parsing: text) } throws: { "\($0)".contains(message) }
    }

    @Test func `stands behind its name, several apart by semicolons`() throws {
        let scripts = try FailpointScript.scripts(in: "a.b=kill; c.d=2*off->delay(1)", names: ["a.b", "c.d"])
        #expect(scripts == ["a.b": try script("kill"), "c.d": try script("2*off->delay(1)")])
        #expect(try FailpointScript.scripts(in: "", names: ["a.b"]).isEmpty)
    }

    @Test(arguments: [
        ("a.c=kill", "there is no failpoint 'a.c'"), ("a.b", "is not name=action"), ("a.b=off;a.b=kill", "named twice"),
    ])
    func `is refused under a name that is not there`(_ text: String, _ message: String) {
        #expect { try FailpointScript.scripts(in: text, names: ["a.b"]) } throws: { "\($0)".contains(message) }
    }
}
