"""Records what three Python libraries answer to the requests of requests.json.

In a virtual environment with the packages below, and what they depend on:

    python3 -m venv venv
    venv/bin/pip install <the packages>
    venv/bin/python conformance/tests/from_python/record.py

It writes django.json, fastapi.json and flask.json next to itself: of every answer the status, the
Access-Control-* lines and the Vary lines. Nothing goes over a socket.
"""

import importlib.metadata
import json
import logging
import pathlib

# Django is the newest for Python 3.11.
DJANGO = {"django-cors-headers": "4.9.0", "Django": "5.2.19"}
FASTAPI = {"fastapi": "0.165.0", "starlette": "1.10.0", "httpx": "0.28.1"}
FLASK = {"flask-cors": "6.0.5", "Flask": "3.1.3", "Werkzeug": "3.1.9"}

HERE = pathlib.Path(__file__).parent
PATH = "/notes"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def django_answers(requests):
    import django
    from django.conf import settings
    from django.http import HttpResponse
    from django.test import Client
    from django.urls import path

    settings.configure(
        ALLOWED_HOSTS=["testserver"],
        INSTALLED_APPS=["corsheaders"],
        MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"],
        ROOT_URLCONF=(path(PATH.lstrip("/"), lambda request: HttpResponse("notes")),),
        CORS_ALLOW_ALL_ORIGINS=True,
        CORS_ALLOW_CREDENTIALS=True,
        CORS_ALLOW_METHODS=["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"],
        CORS_ALLOW_HEADERS=[
            "accept",
            "accept-encoding",
            "authorization",
            "content-type",
            "dnt",
            "origin",
            "user-agent",
            "x-csrftoken",
            "x-requested-with",
        ],
    )
    django.setup()
    client = Client()
    for request in requests:
        response = client.generic(request["method"], PATH, headers=dict(request["headers"]))
        yield response.status_code, response.headers.items()


def fastapi_answers(requests):
    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware
    from fastapi.testclient import TestClient

    app = FastAPI()
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
    )
    # OPTIONS too, since FastAPI answers 405 by itself.
    app.add_api_route(PATH, lambda: "notes", methods=[*METHODS, "OPTIONS"])
    client = TestClient(app)
    for request in requests:
        response = client.request(request["method"], PATH, headers=request["headers"])
        yield response.status_code, response.headers.multi_items()


def flask_answers(requests):
    from flask import Flask
    from flask_cors import CORS

    app = Flask("app")
    CORS(app)
    # OPTIONS is Flask's own.
    app.add_url_rule(PATH, view_func=lambda: "notes", endpoint="notes", methods=METHODS)
    client = app.test_client()
    for request in requests:
        response = client.open(PATH, method=request["method"], headers=request["headers"])
        yield response.status_code, response.headers.items()


def record(name, packages, answers, requests):
    for package, version in packages.items():
        found = importlib.metadata.version(package)
        if found != version:
            raise SystemExit(f"{package} is {found} here; install {package}=={version}")
    recorded = {
        "packages": packages,
        "answers": {
            request["name"]: {"status": status, "lines": of_cors(lines)}
            for request, (status, lines) in zip(requests, answers(requests), strict=True)
        },
    }
    (HERE / name).write_text(json.dumps(recorded, indent=2) + "\n")


def of_cors(lines):
    lines = [(name.lower(), value) for name, value in lines]
    return [
        f"{name}: {value}"
        for name, value in lines
        if name.startswith("access-control-") or name == "vary"
    ]


def main():
    requests = json.loads((HERE / "requests.json").read_text())
    logging.disable()
    record("django.json", DJANGO, django_answers, requests)
    record("fastapi.json", FASTAPI, fastapi_answers, requests)
    record("flask.json", FLASK, flask_answers, requests)


if __name__ == "__main__":
    main()
