"""Tests of `ops/undelete`."""

import json
import pathlib
import shutil
import tempfile
import unittest

from ops_scripts import HERE, run


class Undelete(unittest.TestCase):
    SINCE = ("--prefix", "client_x/", "--since", "2026-12-01T08:00:00Z")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.calls = self.folder / "calls"
        self.answers = self.folder / "answers"
        shutil.copytree(HERE / "answers" / "stack", self.answers)

    def undelete(self, *arguments):
        """Runs `ops/undelete`."""
        return run("undelete", *arguments, AWS_ANSWERS=str(self.answers), AWS_CALLS=str(self.calls))

    def test_what_existed_and_was_deleted_since_comes_back(self):
        dry = self.undelete("prod", *self.SINCE)
        self.assertEqual((dry.returncode, self.calls.exists()), (0, False), dry.stderr)
        self.assertEqual(dry.stdout.splitlines()[1:], ["client_x/lost", "        2 delete markers would be removed"])
        done = self.undelete("prod", *self.SINCE, "--apply")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), ["client_x/lost", "        2 delete markers removed"])
        # The content was deleted twice. Without the version, S3 would set one more marker.
        objects = json.loads(self.calls.read_text())["Objects"]
        self.assertEqual(objects, [{"Key": "client_x/lost", "VersionId": version} for version in ("m1", "m0")])

    def test_a_marker_that_stays_is_reported(self):
        error = {"Key": "client_x/lost", "VersionId": "m1", "Code": "AccessDenied", "Message": "Access Denied"}
        (self.answers / "s3api-delete-objects.json").write_text(json.dumps({"Errors": [error]}))
        done = self.undelete("prod", *self.SINCE, "--apply")
        self.assertEqual(done.returncode, 1)
        self.assertIn("client_x/lost: AccessDenied: Access Denied\n        1 delete markers removed", done.stdout)

    def test_an_empty_list_is_no_error(self):
        (self.answers / "s3api-list-object-versions.json").write_text("")
        done = self.undelete("prod", *self.SINCE, "--apply")
        self.assertEqual((done.returncode, self.calls.exists()), (0, False), done.stderr)

    def test_a_failed_call_ends_the_command(self):
        (self.answers / "s3api-list-object-versions.json").unlink()
        done = self.undelete("prod", *self.SINCE, "--apply")
        self.assertEqual((done.returncode, self.calls.exists()), (1, False))
        self.assertIn("list-object-versions", done.stderr)

    def test_wrong_arguments_are_refused(self):
        for arguments in (
            (),
            ("production", *self.SINCE),
            ("prod", "--prefix", "client_x/"),
            ("prod", "--since", "2026-12-01T08:00:00Z"),
            ("prod", "--prefix", "client_x/", "--since", "yesterday"),
            ("prod", "--prefix", "client_x/", "--since", "2026-12-01T08:00:00"),
        ):
            self.assertEqual(self.undelete(*arguments).returncode, 2, arguments)
