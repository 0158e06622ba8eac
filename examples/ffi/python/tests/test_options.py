"""Options and quantities by name, as the library's table has them; the functions, as its headers have them."""
import inspect
import os
import re
import subprocess
import unittest

import numpy as np

import ift
from ift.library import PROTOTYPES, lib
from common import Case, cloud


class Attributes(Case):
    def test_every_entry_can_be_read(self):
        flow = self.flow()
        flow.step(2)
        search = ift.Compression(self.kernel(), cloud(30), 4, effort="low")
        search.run()
        kinds = {"real": float, "integer": int, "text": str}
        for thing, noun in ((flow, "flow"), (search, "compression")):
            for entry in ift.options(noun):
                self.assertIsInstance(thing[entry.name], kinds[entry.type], entry.name)
                name = "step_" if (noun, entry.name) == ("flow", "step") else entry.name
                np.testing.assert_equal(getattr(thing, name), thing[entry.name])
                self.assertIn(entry.doc.split()[0], getattr(type(thing), name).__doc__)

    def test_keywords_attributes_items(self):
        flow = self.flow(tau=0.4, rejuvenate="insert", rejuvenate_every=7)
        self.assertEqual((flow.tau, flow["rejuvenate"], flow.rejuvenate_every), (0.4, "insert", 7))
        flow.tau = 1
        self.assertEqual(flow.tau, 1.0)
        flow["rejuvenate-every"] = np.int32(3)
        self.assertEqual(flow["rejuvenate-every"], 3)
        flow.eta = np.float32(0.5)
        self.assertEqual(flow.eta, 0.5)
        flow.tau = "auto"
        self.assertNotEqual(flow.tau, 1.0)
        flow.accumulate = True
        self.assertEqual(flow.accumulate, "yes")

    def test_every_option_takes_its_default(self):
        for noun, thing in (("flow", self.flow()), ("compression", ift.Compression(self.kernel(), cloud(9), 3))):
            for entry in ift.options(noun):
                if entry.writable:
                    thing[entry.name] = entry.default_value

    def test_mistakes(self):
        flow = self.flow()
        with self.assertRaisesRegex(ift.OptionError, "nearest is 'tau'"):
            flow.tua = 1.0
        with self.assertRaisesRegex(AttributeError, "nearest is 'tau'"):
            flow.tua  # pylint: disable=pointless-statement
        self.assertFalse(hasattr(flow, "tua"))
        with self.assertRaisesRegex(ift.OptionError, "nearest is 'tau'"):
            self.flow(tua=1.0)
        with self.assertRaisesRegex(ValueError, r"tau is -1; allowed is \[0, inf\)"):
            flow.tau = -1
        with self.assertRaises(AttributeError):
            flow.energy = 3
        with self.assertRaises(ift.OptionError):
            flow["energy"] = 3
        with self.assertRaisesRegex(TypeError, "tau is None"):
            flow.tau = None
        with self.assertRaises(OverflowError):
            flow.seed = 2**63
        with self.assertRaises(ift.OptionError):
            flow.splitting = "strange"

    def test_order_of_keywords_counts(self):
        self.assertEqual(self.flow(preset="published", step_control="monotone", batch=0).step_control, "monotone")
        self.assertEqual(self.flow(step_control="monotone", preset="published").step_control, "fixed")

    def test_help_knows_them(self):
        for cls, noun in ((ift.Flow, "flow"), (ift.Compression, "compression"), (ift.Context, "context")):
            keywords = inspect.signature(cls).parameters
            names = {entry.name for entry in ift.options(noun) if entry.writable}
            self.assertLessEqual(names, set(keywords))
            for name in names:
                self.assertIsInstance(inspect.getattr_static(cls, name), property)
        self.assertIn("(real, [0, inf), default auto, for", " ".join(ift.Flow.tau.__doc__.split()))


class Contexts(Case):
    def test_options_of_the_context(self):
        context = ift.Context(threads=2)
        self.assertEqual((context.threads, context.seed), (2, 0))
        for entry in ift.options("context"):
            setattr(context, entry.name, entry.default_value)
            self.assertEqual(getattr(context, entry.name), entry.default_value)
        context.threads = 2
        with self.assertRaises(ift.OptionError):
            context.thread = 2
        with self.assertRaisesRegex(ift.OptionError, "1024"):
            context.threads = 5000
        self.assertEqual(context.threads, 2)
        self.assertIn("1024", context.message)

    def test_results_do_not_depend_on_threads(self):
        few = []
        for threads in (1, 2):
            kernel = ift.Kernel("gaussian:1", context=ift.Context(threads=threads))
            few.append(ift.compress(cloud(300), 10, kernel, effort="low")[0])
        np.testing.assert_array_equal(few[0].positions, few[1].positions)
        np.testing.assert_array_equal(few[0].weights, few[1].weights)

    def test_the_seed_decides(self):
        def drawn(seed):
            return ift.Measure(cloud(40), context=ift.Context(seed=seed)).resample(7).positions

        np.testing.assert_array_equal(drawn(3), drawn(3))
        self.assertFalse(np.array_equal(drawn(3), drawn(4)))

    def test_log(self):
        lines = []
        context = ift.Context(log=lines.append)
        ift.simplex_qp(np.eye(3), np.ones(3), context=context)
        self.assertTrue(lines and all(isinstance(line, str) for line in lines))
        count = len(lines)
        context.log = None
        ift.simplex_qp(np.eye(3), np.ones(3), context=context)
        self.assertEqual(len(lines), count)


class Library(unittest.TestCase):
    def test_version(self):
        self.assertRegex(ift.__version__, r"^\d+\.\d+\.\d+$")
        self.assertEqual(ift.build_info()["version"], ift.__version__)

    def test_prototypes_are_those_of_the_headers(self):
        told = subprocess.run(["pkg-config", "--variable=includedir", "ift"], capture_output=True, text=True, check=False)
        folder = os.path.join(told.stdout.strip(), "ift")
        if told.returncode or not os.path.isdir(folder):
            self.skipTest("pkg-config does not know the headers")
        text = ""
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as header:
                text += header.read()
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        found = {}
        for declaration in re.findall(r"IFT_API\s+([^;{]*?\([^;{]*)\);", text):
            returned, name, taken = re.match(r"(.*?)(ift_\w+)\((.*)", declaration, flags=re.S).groups()
            taken = re.sub(r"\(\s*\*\s*\w+\s*\)\s*\([^()]*\)", "*", taken)  # pointers to functions
            found[name] = letter(returned) + ":" + "".join(map(letter, taken.split(","))).replace("-", "")
        self.assertGreater(len(found), 80)
        self.assertEqual(found, PROTOTYPES)

    def test_kinds(self):
        nouns = {kind.noun for kind in ift.kinds()}
        self.assertLessEqual({"kernel", "target", "energy", "geometry", "transport", "reaction"}, nouns)
        self.assertIsNone(lib.ift_kind_name(10**6))


def letter(declared: str) -> str:
    """The letter of PROTOTYPES for what a header says."""
    declared = declared.strip()
    if re.match(r"const char \*\w*$", declared):
        return "s"
    if "*" in declared:
        return "p"
    kinds = {"ift_status": "i", "int": "i", "int64_t": "l", "uint64_t": "u", "double": "d", "void": "-"}
    return kinds[declared.split()[0]]


if __name__ == "__main__":
    unittest.main()
