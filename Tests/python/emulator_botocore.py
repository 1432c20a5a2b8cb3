"""Drives a running emulator with clients that know nothing of it: unmodified boto3 and requests.

Reads the emulator's ready line (JSON) from a file or from standard input. Exits 1 on the first difference.
"""
import argparse
import io
import json
import sys
import time
import uuid

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

ODD_KEYS = [
    "odd/space and + plus", "odd/amp & = equals", "odd/é accent", "odd/e\u0301 combining", "odd/quote ' ( ) ! * ~",
    "odd/year=2024/part%2F.json", "odd/..%2Fup", "odd/a//b", "odd/semi;colon@at,comma", "odd/100%", "odd/<xml>&\"",
]
SCOPE = "https://analysis.windows.net/powerbi/api/.default"


def check(what, condition, detail=""):
    if not condition:
        print(f"FAIL {what} {detail}")
        sys.exit(1)
    print(f"ok   {what}")


def refused(what, code, status, call):
    try:
        call()
    except ClientError as error:
        found = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        check(what, found == (code, status), f"expected {(code, status)}, got {found}")
    else:
        check(what, False, "no error")


def s3_client(ready, **changes):
    options = {
        "endpoint_url": ready["s3"]["endpoint"], "region_name": ready["s3"]["region"],
        "aws_access_key_id": ready["s3"]["access_key_id"], "aws_secret_access_key": ready["s3"]["secret_access_key"],
        "config": Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    }
    return boto3.client("s3", **(options | changes))


def check_objects(s3, bucket):
    body = b'{"rows": 3}' * 1000
    put = s3.put_object(Bucket=bucket, Key="run/manifest.json", Body=body, ContentType="application/json",
                        Metadata={"dbt-version": "1.9"})
    got = s3.get_object(Bucket=bucket, Key="run/manifest.json")
    check("get returns what was put", got["Body"].read() == body)
    check("etag, type and metadata come back", (got["ETag"], got["ContentType"], got["Metadata"])
          == (put["ETag"], "application/json", {"dbt-version": "1.9"}), got)
    head = s3.head_object(Bucket=bucket, Key="run/manifest.json")
    check("head agrees", (head["ETag"], head["ContentLength"]) == (put["ETag"], len(body)))
    check("head has a date", abs(head["LastModified"].timestamp() - time.time()) < 60)
    refused("if-none-match gives 304", "304", 304,
            lambda: s3.get_object(Bucket=bucket, Key="run/manifest.json", IfNoneMatch=put["ETag"]))
    refused("head if-none-match gives 304", "304", 304,
            lambda: s3.head_object(Bucket=bucket, Key="run/manifest.json", IfNoneMatch=put["ETag"]))
    refused("if-match with another etag gives 412", "PreconditionFailed", 412,
            lambda: s3.get_object(Bucket=bucket, Key="run/manifest.json", IfMatch='"0"'))
    refused("if-modified-since gives 304", "304", 304,
            lambda: s3.get_object(Bucket=bucket, Key="run/manifest.json", IfModifiedSince=head["LastModified"]))
    part = s3.get_object(Bucket=bucket, Key="run/manifest.json", Range="bytes=2-5")
    check("range", (part["Body"].read(), part["ContentRange"]) == (body[2:6], f"bytes 2-5/{len(body)}"), part)
    check("suffix range", s3.get_object(Bucket=bucket, Key="run/manifest.json", Range="bytes=-3")["Body"].read()
          == body[-3:])
    refused("range beyond the end", "InvalidRange", 416,
            lambda: s3.get_object(Bucket=bucket, Key="run/manifest.json", Range="bytes=99999-"))
    refused("missing key", "NoSuchKey", 404, lambda: s3.get_object(Bucket=bucket, Key="nothing"))
    refused("missing bucket", "NoSuchBucket", 404, lambda: s3.get_object(Bucket="no-such-bucket", Key="nothing"))
    refused("head of a missing key", "404", 404, lambda: s3.head_object(Bucket=bucket, Key="nothing"))
    refused("create only", "PreconditionFailed", 412,
            lambda: s3.put_object(Bucket=bucket, Key="run/manifest.json", Body=b"x", IfNoneMatch="*"))
    empty = s3.put_object(Bucket=bucket, Key="run/empty", Body=b"")
    check("empty object", empty["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"')
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "run/manifest.json"}, ExpiresIn=60)
    check("presigned get", requests.get(url, timeout=10).content == body)
    check("presigned get, tampered", requests.get(url.replace("manifest", "emptx"), timeout=10).status_code == 403)


def check_uploads(s3, bucket):
    data = bytes(range(256)) * 50_000
    s3.upload_fileobj(io.BytesIO(data), bucket, "large/manifest & more.json")
    got = s3.get_object(Bucket=bucket, Key="large/manifest & more.json")
    check("multipart upload", got["Body"].read() == data and got["ETag"].endswith('-2"'), got["ETag"])
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "large/manifest & more.json"}, {"Key": "never <was> \"there\""}]})
    check("delete many", [item["Key"] for item in answer["Deleted"]]
          == ["large/manifest & more.json", "never <was> \"there\""], answer)
    refused("deleted", "NoSuchKey", 404, lambda: s3.get_object(Bucket=bucket, Key="large/manifest & more.json"))


def check_odd_keys(s3, bucket):
    for key in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        got = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        check(f"odd key {key!r}", got == key, got)
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="odd/")["Contents"]]
    check("odd keys are listed, by byte", listed == sorted(ODD_KEYS, key=str.encode), listed)
    listed = [item["Key"] for item in s3.list_objects(Bucket=bucket, Prefix="odd/")["Contents"]]
    check("and by the older listing", listed == sorted(ODD_KEYS, key=str.encode), listed)
    for key in ODD_KEYS:
        s3.delete_object(Bucket=bucket, Key=key)
    check("deleted", s3.list_objects_v2(Bucket=bucket, Prefix="odd/")["KeyCount"] == 0)


def check_listing(s3, bucket):
    keys = [f"page/{group}/{number:03}" for group in "abc" for number in range(9)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="page/", PaginationConfig={"PageSize": 5}))
    found = [item["Key"] for page in pages for item in page["Contents"]]
    check("paging", found == keys and len(pages) == 6, (len(pages), found))
    pages = list(s3.get_paginator("list_objects").paginate(
        Bucket=bucket, Prefix="page/", PaginationConfig={"PageSize": 5}))
    check("paging, older listing", [item["Key"] for page in pages for item in page["Contents"]] == keys)
    folders = [prefix["Prefix"] for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="page/", Delimiter="/", PaginationConfig={"PageSize": 1})
        for prefix in page.get("CommonPrefixes", [])]
    check("common prefixes, paged", folders == ["page/a/", "page/b/", "page/c/"], folders)
    after = s3.list_objects_v2(Bucket=bucket, Prefix="page/", StartAfter="page/c/006")
    check("start-after", [item["Key"] for item in after["Contents"]] == keys[-2:])


def check_buckets(s3, ready):
    name = f"check-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": ready["s3"]["region"]})
    check("buckets are listed", name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])
    s3.head_bucket(Bucket=name)
    check("location", s3.get_bucket_location(Bucket=name)["LocationConstraint"] == ready["s3"]["region"])
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=name, Key="a", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=name, Key="a", Body=b"2")["VersionId"]
    check("versions differ", first != second and s3.head_object(Bucket=name, Key="a")["VersionId"] == second)
    check("old version", s3.get_object(Bucket=name, Key="a", VersionId=first)["Body"].read() == b"1")
    s3.delete_object(Bucket=name, Key="a")
    refused("behind a delete marker", "NoSuchKey", 404, lambda: s3.get_object(Bucket=name, Key="a"))


def check_signatures(ready):
    bucket = ready["s3"]["bucket"]
    s3 = s3_client(ready, aws_secret_access_key="wrong")
    refused("wrong secret", "SignatureDoesNotMatch", 403, lambda: s3.list_objects_v2(Bucket=bucket))
    s3 = s3_client(ready, aws_access_key_id="AKIANOBODY")
    refused("unknown key id", "InvalidAccessKeyId", 403, lambda: s3.list_objects_v2(Bucket=bucket))
    s3 = s3_client(ready, region_name="us-west-2")
    refused("wrong region", "AuthorizationHeaderMalformed", 400, lambda: s3.list_objects_v2(Bucket=bucket))
    check("unsigned", requests.get(f"{ready['s3']['endpoint']}/{bucket}", timeout=10).status_code == 403)
    s3 = s3_client(ready, aws_session_token="a/session+token==")
    s3.put_object(Bucket=bucket, Key="session", Body=b"x")
    check("session token", s3.head_object(Bucket=bucket, Key="session")["ContentLength"] == 1)
    unsigned = Config(s3={"addressing_style": "path", "payload_signing_enabled": False})
    s3 = s3_client(ready, config=unsigned)
    s3.put_object(Bucket=bucket, Key="unsigned payload", Body=b"x" * 100_000)
    check("unsigned payload", s3.head_object(Bucket=bucket, Key="unsigned payload")["ContentLength"] == 100_000)


def check_chunked(ready):
    """What botocore sends over TLS by default: the checksum behind the data, the payload not signed."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    import base64
    import zlib
    data = b"some rows " * 5000
    checksum = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    for claimed, status in ((checksum, 200), ("AAAAAA==", 400)):
        body = b"%x\r\n%s\r\n0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % (len(data), data, claimed.encode())
        request = AWSRequest("PUT", f"{ready['s3']['endpoint']}/{ready['s3']['bucket']}/chunked", data=body, headers={
            "Content-Encoding": "aws-chunked", "X-Amz-Trailer": "x-amz-checksum-crc32",
            "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "X-Amz-Decoded-Content-Length": str(len(data)),
        })
        signer = S3SigV4Auth(Credentials(ready["s3"]["access_key_id"], ready["s3"]["secret_access_key"]), "s3",
                             ready["s3"]["region"])
        signer.payload = lambda _: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        signer.add_auth(request)
        prepared = request.prepare()
        answer = requests.put(prepared.url, data=body, headers=dict(prepared.headers), timeout=10)
        check(f"aws-chunked upload answers {status}", answer.status_code == status, answer.text)
    s3 = s3_client(ready)
    got = s3.get_object(Bucket=ready["s3"]["bucket"], Key="chunked")
    check("aws-chunked content", got["Body"].read() == data and "ContentEncoding" not in got, got)


def token(ready, version="v2.0/", **changes):
    form = {"grant_type": "client_credentials", "client_id": ready["client_id"],
            "client_secret": ready["client_secret"], "scope": SCOPE}
    tenant = changes.pop("tenant", ready["tenant_id"])
    form = {name: value for name, value in (form | changes).items() if value is not None}
    return requests.post(f"{ready['authority_url']}/{tenant}/oauth2/{version}token", data=form, timeout=10)


def check_token(ready):
    answer = token(ready)
    check("v2 token", answer.status_code == 200 and answer.json()["expires_in"] == 3599, answer.text)
    old = token(ready, version="", scope=None, resource=SCOPE.removesuffix("/.default"))
    check("v1 token has strings", old.status_code == 200 and old.json()["expires_in"] == "3599", old.text)
    for what, changes, status, code in [
        ("wrong secret", {"client_secret": "no"}, 401, 7000215),
        ("unknown client", {"client_id": str(uuid.uuid4())}, 400, 700016),
        ("unknown tenant", {"tenant": str(uuid.uuid4())}, 400, 90002),
        ("bad scope", {"scope": "https://analysis.windows.net/powerbi/api"}, 400, 70011),
        ("no secret", {"client_secret": None}, 401, 7000216),
    ]:
        answer = token(ready, **changes)
        check(what, (answer.status_code, answer.json()["error_codes"]) == (status, [code]), answer.text)
    return {"Authorization": "Bearer " + token(ready).json()["access_token"]}


def check_refresh(ready, headers):
    workspace = ready["workspaces"][0]
    model = workspace["models"][0]
    url = f"{ready['powerbi_url']}/v1.0/myorg/groups/{workspace['id']}/datasets/{model['id']}"
    check("no token is 401", requests.get(url + "/refreshes", timeout=10).status_code == 401)
    requests.post(f"{ready['control_url']}/models/{model['name']}", json={"duration": 1}, timeout=10)
    answer = requests.post(url + "/refreshes", json={"type": "full"}, headers=headers, timeout=10)
    refresh = answer.headers.get("x-ms-request-id")
    check("enhanced refresh is accepted", answer.status_code == 202 and answer.content == b"", answer.text)
    check("its id is in three headers", refresh == answer.headers["RequestId"]
          and answer.headers["Location"].endswith("/" + refresh), answer.headers)
    busy = requests.post(url + "/refreshes", json={"type": "full"}, headers=headers, timeout=10)
    check("a second one is refused", busy.status_code == 400 and "already executing" in busy.text, busy.text)
    running = requests.get(f"{url}/refreshes/{refresh}", headers=headers, timeout=10)
    check("details while running", (running.status_code, running.json()["status"], running.json()["extendedStatus"])
          == (202, "Unknown", "InProgress"), running.text)
    newest = requests.get(url + "/refreshes?$top=1", headers=headers, timeout=10).json()["value"]
    check("history while running", [(entry["requestId"], entry["status"], "endTime" in entry) for entry in newest]
          == [(refresh, "Unknown", False)], newest)
    deadline = time.time() + 20
    while (done := requests.get(f"{url}/refreshes/{refresh}", headers=headers, timeout=10)).status_code == 202:
        check("still within the time", time.time() < deadline)
        time.sleep(0.2)
    check("details when done", (done.status_code, done.json()["status"]) == (200, "Completed"), done.text)
    check("every partition is named", len(done.json()["objects"])
          == sum(len(table["partitions"]) for table in model["tables"]), done.text)
    requests.post(f"{ready['control_url']}/faults", timeout=10, json={
        "match": {"kind": "refresh_post", "model": model["name"]},
        "action": {"end": "Failed", "duration": 0.2, "error": {"code": "ModelRefreshFailed_CredentialsNotSpecified"}},
    }).raise_for_status()
    plain = requests.post(url + "/refreshes", headers=headers, timeout=10)
    check("standard refresh has RequestId only", plain.status_code == 202 and "Location" not in plain.headers
          and "x-ms-request-id" not in plain.headers, plain.headers)
    time.sleep(0.5)
    newest = requests.get(url + "/refreshes?$top=1", headers=headers, timeout=10).json()["value"][0]
    check("scripted failure", (newest["requestId"], newest["status"], json.loads(newest["serviceExceptionJson"]))
          == (plain.headers["RequestId"], "Failed", {"errorCode": "ModelRefreshFailed_CredentialsNotSpecified"}),
          newest)
    return url


def check_faults(ready, headers, url):
    faults = f"{ready['control_url']}/faults"
    ledger = f"{ready['control_url']}/ledger"
    last = max(entry["seq"] for entry in requests.get(ledger, timeout=10).json())
    for moment in ("before", "after"):
        requests.post(faults, json={"match": {"kind": "refresh_post"}, "action": {"drop": moment}}, timeout=10)
        try:
            requests.post(url + "/refreshes", json={"type": "full"}, headers=headers, timeout=10)
            check(f"drop {moment}", False, "an answer came")
        except requests.ConnectionError:
            pass
        entries = requests.get(url + "/refreshes?$top=1", headers=headers, timeout=10).json()["value"]
        running = [entry for entry in entries if entry["status"] == "Unknown"]
        check(f"drop {moment}", len(running) == (0 if moment == "before" else 1), entries)
    posts = requests.get(ledger, params={"kind": "refresh_post", "since": last}, timeout=10).json()
    check("dropped requests are in the ledger", [(post["drop"], post["status"]) for post in posts]
          == [("before", None), ("after", None)], posts)
    tokens = requests.get(ledger, params={"kind": "token"}, timeout=10).text
    check("no secret in the ledger", tokens != "[]" and ready["client_secret"] not in tokens)
    requests.post(faults, json={"match": {"kind": "refresh_get"}, "times": 2, "action": {
        "status": 429, "headers": {"Retry-After": "3392"}, "body": {"message": "Retry in 3392 seconds."}}}, timeout=10)
    seen = [requests.get(url + "/refreshes", headers=headers, timeout=10).status_code for _ in range(3)]
    check("429 twice, then as usual", seen == [429, 429, 200], seen)
    requests.post(f"{ready['control_url']}/clock", json={"advance": 7200}, timeout=10)
    late = requests.get(url + "/refreshes", headers=headers, timeout=10)
    check("two hours later the token has expired", late.status_code == 403
          and late.json()["error"]["code"] == "TokenExpired", late.text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ready", nargs="?", default="-", help="file with the ready line; - reads standard input")
    arguments = parser.parse_args()
    if arguments.ready == "-":
        ready = json.loads(sys.stdin.readline())
    else:
        with open(arguments.ready, encoding="utf-8") as file:
            ready = json.loads(file.readline())
    s3 = s3_client(ready)
    check_objects(s3, ready["s3"]["bucket"])
    check_uploads(s3, ready["s3"]["bucket"])
    check_odd_keys(s3, ready["s3"]["bucket"])
    check_listing(s3, ready["s3"]["bucket"])
    check_buckets(s3, ready)
    check_signatures(ready)
    check_chunked(ready)
    headers = check_token(ready)
    url = check_refresh(ready, headers)
    check_faults(ready, headers, url)


main()
