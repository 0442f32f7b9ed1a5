# make demo    set up everything, then run the main study: the reconstructed pelvis stands
# make test    set up everything, then run the tests
# make test-slurm    a sweep on a real Slurm of two nodes on this host (root and apt-get install it)
# make verification | convergence | performance    the longer checks in benchmarks/
# make peer    femsacrum beside CalculiX (installed by peer-setup): up to an hour
# make wheelhouse    every package a run needs, into WHEELHOUSE: for machines without a network
# make install-offline    set up everything from WHEELHOUSE, without a network
# make gallery    every study in studies/ (real bones are looked for in DATA, see studies/*/README.md)

.PHONY: demo test test-slurm lint verification convergence performance peer-setup peer gallery wheelhouse \
  install-offline clean
.DELETE_ON_ERROR:

# Two cores shared by several processes: threads inside numerical libraries would only fight each other.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
# Texts are UTF-8 whatever locale a library sets while it works.
export PYTHONUTF8 = 1

PYTHON_ENV = .venv/bin/python
# Folder with bodyparts3d/ and pelvis_atlas_jhu/
DATA ?= ../shared/data
# What the study of a CT reads; no patient's.
SYNTHETIC_CT = runs/synthetic_ct/synthetic_ct.nii.gz
# Packages for machines without a network
WHEELHOUSE ?= runs/wheelhouse

demo: .venv/.ready
	.venv/bin/femsacrum run studies/total_sacrectomy/case.toml

test: .venv/.ready lint
	$(PYTHON_ENV) -m pytest

test-slurm: .venv/.ready
	$(PYTHON_ENV) tests/slurm/run.py

lint: .venv/.ready
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .
	.venv/bin/mypy --no-error-summary

verification: .venv/.ready
	$(PYTHON_ENV) -m benchmarks verification

convergence: .venv/.ready
	$(PYTHON_ENV) -m benchmarks convergence

performance: .venv/.ready
	$(PYTHON_ENV) -m benchmarks performance

peer-setup:
	bash benchmarks/performance/peer-setup

peer: .venv/.ready peer-setup
	mkdir -p runs
	$(PYTHON_ENV) -m benchmarks performance peer peer_large ranks peer_friction --json runs/peer.json

gallery: .venv/.ready $(SYNTHETIC_CT)
	for case in studies/*/case.toml; do \
	  .venv/bin/femsacrum run "$$case" $(addprefix --data=,$(wildcard $(DATA)) $(dir $(SYNTHETIC_CT))) || exit $$?; \
	done

$(SYNTHETIC_CT): .venv/.ready
	$(PYTHON_ENV) -m meshes.synthetic_ct $(@D) --blur 1

# setuptools is needed to install the source tree; build/ would hand files that are gone on to the next wheel
wheelhouse: .venv/.ready
	rm -rf build
	$(PYTHON_ENV) -m pip wheel --quiet --disable-pip-version-check --wheel-dir "$(WHEELHOUSE)" . "setuptools>=77"
	rm -rf build
	@du -sh "$(WHEELHOUSE)"

install-offline:
	WHEELHOUSE="$(WHEELHOUSE)" bash .ci/setup

.venv/.ready: pyproject.toml .ci/setup
	WHEELHOUSE= bash .ci/setup

clean:
	rm -rf runs .venv build *.egg-info
