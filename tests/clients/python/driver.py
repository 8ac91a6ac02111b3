"""What the drivers of Python clients have in common.

A driver reads commands, one JSON object a line, from its standard input, and answers each with one line; they are told in
tests/clients/javascript/driver.mjs.
"""

import asyncio
import json
import sys


class Impossible(Exception):
    """What a client has no way to do."""


def told(error):
    """An error in its own words, and those of what caused it."""
    words = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
            continue
        text = str(one) or type(one).__name__
        if not any(text in known for known in words):
            words.append(text)
        if one.__cause__ is not None:
            waiting.append(one.__cause__)
    return ": ".join(words)


def texts(content):
    """The texts of a result's content."""
    return "\n".join(block.text for block in content or [] if getattr(block, "type", None) == "text")


def as_text(shown):
    """The answer of a client that hands on the text of results only."""
    try:
        answer = json.loads(shown)
    except ValueError:
        answer = None
    return {"answer": answer if isinstance(answer, dict) else None, "error": False, "shown": shown}


class Tasks:
    """Runs a connection in a task of its own: who opens one has to close it, too."""

    def __init__(self):
        self.opened = None
        self.closing = None
        self.task = None

    async def enter(self, manager):
        """Enters an asynchronous context manager and gives what it gives."""
        self.opened = asyncio.get_running_loop().create_future()
        self.closing = asyncio.Event()
        self.task = asyncio.create_task(self._hold(manager))
        return await self.opened

    async def _hold(self, manager):
        try:
            async with manager as entered:
                self.opened.set_result(entered)
                await self.closing.wait()
        except BaseException as error:
            if not self.opened.done():
                self.opened.set_exception(error if isinstance(error, Exception) else RuntimeError(told(error)))
            elif not self.closing.is_set():
                raise

    async def leave(self):
        """Leaves it."""
        self.closing.set()
        await asyncio.wait([self.task])


class Driver:
    """A client has open, list, call and close."""

    def __init__(self, client):
        self.client = client
        self.started = None

    async def follow(self, command):
        match command["do"]:
            case "open":
                await self.client.open(command["url"], command["era"])
                return {"ok": True}
            case "list":
                return {"tools": await self.client.list()}
            case "call":
                return await self.client.call(command["tool"], command["arguments"])
            case "start":
                self.started = asyncio.create_task(self.client.call(command["tool"], command["arguments"]))
                return {"ok": True}
            case "abort":
                self.started.cancel()
                try:
                    return await self.started
                except asyncio.CancelledError:
                    return {"failed": "CancelledError"}
            case "close":
                await self.client.close()
                return {"ok": True}

    async def run(self):
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                answer = await self.follow(json.loads(line))
            except Impossible as error:
                answer = {"impossible": str(error)}
            except Exception as error:
                answer = {"failed": told(error)}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def drive(client):
    """Follows commands until there are no more."""
    asyncio.run(Driver(client).run())
