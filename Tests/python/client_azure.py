"""Lets Microsoft's unmodified azure-identity and Key Vault client use a running emulator: every way to sign in.

Reads the emulator's ready line (JSON) from standard input. Exits 1 on the first difference. They come with Airflow's
provider for Azure.
"""
import datetime
import os
import time

from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.identity import (CertificateCredential, ClientAssertionCredential, ClientSecretCredential,
                            ManagedIdentityCredential)
from azure.keyvault.secrets import SecretClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
import azure.identity
import jwt
import requests

from clients import check, control, read_ready

READY = read_ready()
SCOPE = "https://analysis.windows.net/powerbi/api/.default"
WHO = (READY["tenant_id"], READY["client_id"])
HOW = {"authority": READY["https_url"], "connection_verify": READY["ca_file"], "disable_instance_discovery": True}


def works(what, token):
    session = requests.Session()
    session.trust_env = False
    answer = session.get(READY["https_url"] + "/v1.0/myorg/groups", verify=READY["ca_file"], timeout=30,
                         headers={"Authorization": f"Bearer {token.token}"})
    check(f"{what} gets a token that Power BI takes", answer.status_code == 200, answer.text)
    check(f"{what} knows how long it lasts", 3000 < token.expires_on - time.time() <= 3600, token.expires_on)


def refused(what, code, call):
    try:
        call()
    except ClientAuthenticationError as error:
        check(what, f"AADSTS{code}" in str(error), error)
    else:
        check(what, False, "no error")


def certificate():
    """A key with a self-signed certificate, both in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=x509.random_serial_number(),
        not_valid_before=now, not_valid_after=now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
    return key, private, signed.public_bytes(serialization.Encoding.PEM)


def check_secret():
    works("a secret", ClientSecretCredential(*WHO, READY["client_secret"], **HOW).get_token(SCOPE))
    wrong = ClientSecretCredential(*WHO, "wrong", **HOW)
    refused("a wrong secret is refused", 7000215, lambda: wrong.get_token(SCOPE))


def check_certificate():
    _, private, public = certificate()
    credential = CertificateCredential(*WHO, certificate_data=private + public, **HOW)
    refused("a certificate that is not registered is refused", 700027, lambda: credential.get_token(SCOPE))
    control(READY, "credentials", {"certificates": [public.decode()]})
    works("a certificate", credential.get_token(SCOPE))
    _, other, _ = certificate()
    forged = CertificateCredential(*WHO, certificate_data=other + public, **HOW)
    refused("a key that is not the certificate's is refused", 700027, lambda: forged.get_token(SCOPE))


def check_federation():
    key, _, _ = certificate()
    claims = {"iss": "https://cluster.example", "sub": "system:serviceaccount:bi:freshet",
              "aud": "api://AzureADTokenExchange", "exp": int(time.time()) + 600}
    credential = ClientAssertionCredential(*WHO, lambda: jwt.encode(claims, key, algorithm="RS256"), **HOW)
    refused("a token of a stranger is refused", 70021, lambda: credential.get_token(SCOPE))
    control(READY, "credentials", {"federated": [{"issuer": claims["iss"], "subject": claims["sub"]}]})
    works("a token of another identity provider", credential.get_token(SCOPE))


def check_managed_identities():
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = READY["url"]
    control(READY, "faults", {"match": {"kind": "identity"}, "action": {"status": 429}})
    works("a virtual machine's identity, throttled first,", ManagedIdentityCredential().get_token(SCOPE))
    os.environ.update(IDENTITY_ENDPOINT=READY["identity"]["endpoint"], IDENTITY_HEADER=READY["identity"]["header"])
    works("App Service's identity", ManagedIdentityCredential().get_token(SCOPE))


def check_vault():
    control(READY, "secrets/warehouse", {"value": "first"})
    control(READY, "secrets/warehouse", {"value": "second", "content_type": "text/plain"})
    # The emulator is not under vault.azure.net, which the client would insist on.
    client = SecretClient(READY["https_url"], ClientSecretCredential(*WHO, READY["client_secret"], **HOW),
                          verify_challenge_resource=False, connection_verify=READY["ca_file"])
    newest = client.get_secret("warehouse")
    check("the vault answers the newest version", (newest.value, newest.properties.content_type)
          == ("second", "text/plain"), newest)
    again = client.get_secret("warehouse", newest.properties.version)
    check("and the one that was asked for", again.value == "second", again)
    try:
        client.get_secret("nothing")
    except ResourceNotFoundError as error:
        check("a secret that is not there is not found", error.error.code == "SecretNotFound", error)
    else:
        check("a secret that is not there is not found", False)


def main():
    os.environ["NO_PROXY"] = "127.0.0.1"
    print("azure-identity", azure.identity.__version__)
    check_secret()
    check_certificate()
    check_federation()
    check_managed_identities()
    check_vault()


main()
