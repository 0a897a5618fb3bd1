"""Runs ministack so that nobody gets to it but who may.

Its own server listens on a Unix socket instead of its port, where the engine's
guard stands. The API that functions get their events from has a port of its own
for each, without a password: here its address holds one.

Usage: private.py SOCKET [SCRIPT ARGUMENT...], where SCRIPT runs ministack.
"""

import hmac
import http.server
import runpy
import secrets
import sys

import hypercorn.asyncio
from ministack.services import lambda_svc


def listen_on(path):
    serve = hypercorn.asyncio.serve

    def serve_privately(app, config, **options):
        config.bind = ["unix:" + path]
        config.umask = 0o077
        # Beyond it a Unix socket refuses at once, where TCP tries again.
        config.backlog = 4096
        return serve(app, config, **options)

    hypercorn.asyncio.serve = serve_privately


def lock_runtime_api():
    prefix = "/" + secrets.token_urlsafe(32)
    environment = lambda_svc._provided_worker_env
    parse = http.server.BaseHTTPRequestHandler.parse_request

    def environment_with_prefix(*args):
        env = environment(*args)
        env["AWS_LAMBDA_RUNTIME_API"] += prefix
        return env

    def parse_behind_prefix(self):
        if not parse(self):
            return False
        if not hmac.compare_digest(self.path[:len(prefix) + 1].encode(), (prefix + "/").encode()):
            self.close_connection = True
            self.send_error(403)
            return False
        self.path = self.path[len(prefix):]
        return True

    lambda_svc._provided_worker_env = environment_with_prefix
    http.server.BaseHTTPRequestHandler.parse_request = parse_behind_prefix


listen_on(sys.argv[1])
lock_runtime_api()
del sys.argv[:2]
if sys.argv:
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")
