/// The files of a new plugin: a probe and a kind, in a program that speaks the protocol without any package.
package enum PluginTemplate {
    package static func files(_ name: String) -> [(file: String, text: String)] {
        [
            ("plugin.yaml", manifest.replacing("NAME", with: name)),
            ("main.py", program.replacing("NAME", with: name)),
        ]
    }

    private static let manifest = """
        # A plugin of Freshet; see docs/plugins.md. 'freshet plugin check NAME' tries it out.
        plugin: NAME
        summary: Files that are looked at, and a copy that is made of one.
        command: [python3, ./main.py]
        environment: {PATH: "${env:PATH}"}   # the program sees nothing else of the environment
        limits: {time: 1m, memory: 500MB, processes: 8, output: 1MB}
        requires:
          - [python3, --version]

        probes:
          - kind: NAME.file
            summary: A file, by the hash of what is in it.
            fields:
              path: {type: path, required: true, summary: The file.}
            signal: sha256
            examples:
              - {path: data/orders.csv}

        kinds:
          - kind: NAME.copy
            summary: A copy of a file.
            fields:
              path: {type: path, required: true, summary: The file.}
              to: {type: path, required: true, summary: Where the copy is put.}
            checks: [same_size]

        tests:
          - {name: sees itself, kind: NAME.file, with: {path: main.py}, expect: observed}
          - {name: misses a file, kind: NAME.file, with: {path: nothing}, expect: missing}
          - {name: fails well, kind: NAME.copy, with: {path: nothing, to: nowhere}, expect: failed, message: No such file}

        """

    private static let program = ##"""
        """The program of the plugin NAME.

        It speaks the Dagster Pipes protocol in its plainest form. The package dagster-pipes does the same and more:
        'with open_dagster_pipes() as pipes:'.
        """

        import base64
        import hashlib
        import json
        import os
        import shutil
        import sys
        import traceback
        import zlib


        def parameters(variable):
            return json.loads(zlib.decompress(base64.b64decode(os.environ[variable])))


        CONTEXT = json.load(open(parameters("DAGSTER_PIPES_CONTEXT")["path"]))
        MESSAGES = parameters("DAGSTER_PIPES_MESSAGES")["path"]


        def say(method, **params):
            """Reports one thing; each is a line of JSON."""
            message = {"__dagster_pipes_version": "0.1", "method": method, "params": params}
            with open(MESSAGES, "a") as file:
                file.write(json.dumps(message) + "\n")


        def sha256(path):
            with open(path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()


        def observe(asset, extras):
            seen = {"freshet": 1, "op": "observe", "asset_key": asset}
            try:
                seen["data_version"] = sha256(extras["path"])
                seen["metadata"] = {"bytes": os.path.getsize(extras["path"])}
            except FileNotFoundError:
                seen["missing"] = True
            say("report_custom_message", payload=seen)


        def materialize(asset, extras):
            shutil.copyfile(extras["path"], extras["to"])
            size, copied = os.path.getsize(extras["path"]), os.path.getsize(extras["to"])
            say("log", level="INFO", message=f"copied {copied} bytes")
            say("report_asset_check", asset_key=asset, check_name="same_size", passed=size == copied,
                severity="ERROR", metadata={"bytes": {"raw_value": copied, "type": "int"}})
            say("report_asset_materialization", asset_key=asset, data_version=sha256(extras["to"]),
                metadata={"bytes": {"raw_value": copied, "type": "int"}})


        def main():
            extras = CONTEXT["extras"]
            asset = CONTEXT["asset_keys"][0]
            {"observe": observe, "materialize": materialize}[extras["freshet_operation"]](asset, extras)


        say("opened", extras={})
        try:
            main()
        except Exception as error:
            frames = traceback.format_tb(error.__traceback__)
            say("closed", exception={"name": type(error).__name__, "message": str(error), "stack": frames,
                                     "cause": None, "context": None})
            sys.exit(1)
        say("closed")

        """##
}
