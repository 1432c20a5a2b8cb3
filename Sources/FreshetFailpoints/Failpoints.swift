#if FRESHET_FAILPOINTS
    private import Glibc
    private import Synchronization

    /// What the environment asks for at each place.
    package enum Failpoints {
        fileprivate struct State {
            var scripts: [Failpoint: FailpointScript] = [:]
            var random: UInt64 = 1
        }
        private static let state = Mutex(State())

        /// Reads `FRESHET_FAILPOINTS`; to be called once, before anything happens.
        ///
        /// `FRESHET_FAILPOINTS_SEED`, a whole number, fixes what is left to chance.
        ///
        /// - Throws: what is wrong with it, in words.
        package static func arm(_ environment: [String: String]) throws {
            let names = Dictionary(uniqueKeysWithValues: Failpoint.allCases.map { ($0.name, $0) })
            let scripts = try FailpointScript.scripts(in: environment["FRESHET_FAILPOINTS"] ?? "", names: names.keys)
            let seed = environment["FRESHET_FAILPOINTS_SEED"].flatMap { UInt64($0) } ?? 1
            state.withLock { state in
                for (name, script) in scripts { state.scripts[names[name] ?? .configParsed] = script }
                state.random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            }
        }

        /// - Returns: the text of an `error`.
        static func pass(_ point: Failpoint) -> String? {
            let action = state.withLock { state -> FailpointScript.Action in
                var script = state.scripts[point]
                defer { state.scripts[point] = script }
                return script?.next { State.chance(&state.random) } ?? .off
            }
            switch action {
            case .off: return nil
            case .kill:
                kill(getpid(), SIGKILL)
                // The signal takes a moment; nothing may happen in it.
                while true { pause() }
            case .error(let text): return "\(text) at \(point.name)"
            case .delay(let milliseconds):
                usleep(milliseconds * 1000)
                return nil
            }
        }
    }

    extension Failpoints.State {
        /// A uniform value in 0..<100 (xorshift).
        static func chance(_ random: inout UInt64) -> Double {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Double(random >> 11) * 0x1p-53 * 100
        }
    }

    extension Failpoint {
        /// Such as `post.after_send`.
        package var name: String {
            var name = ""
            for letter in "\(self)" {
                if letter.isUppercase { name += name.contains(".") ? "_" : "." }
                name += letter.lowercased()
            }
            return name
        }
    }
#endif
