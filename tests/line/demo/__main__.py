"""`make line-demo`: starts the page, the fake LINE and the real product, with secrets made for this one run."""

import os
import tempfile
import time
from pathlib import Path

from tests.line.demo.trial import CITY, Trial

port = int(os.environ.get("PORT", "8000"))
with tempfile.TemporaryDirectory() as folder, Trial(Path(folder), port) as trial:
    print(f"\n  LINEを使わずに試す   http://localhost:{port}/")
    print(f"  ウェブの窓口          {trial.product}/{CITY}/chat\n\n  Ctrl+C で終わります。 Ctrl+C stops.\n", flush=True)
    try:
        while trial.alive():
            time.sleep(0.5)
    except KeyboardInterrupt:
        print()
