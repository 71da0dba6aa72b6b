"""Decisions of what compares, changes and takes over states."""

from tests.mutation.flip import Flip, Suite

CHANGES = (
    Suite(
        "trace",
        (
            "tests/unit/trace/test_alike.py",
            "tests/property/test_ports_alike_mean_the_same.py",
        ),
        (
            Flip(
                "ports with another program are alike",
                "alike.py",
                '"envoy_port", "at")\n\n\ndef',
                '"envoy_port", "at", "backend")\n\n\ndef',
            ),
            Flip(
                "nothing that is decided of a Service and a port counts",
                "alike.py",
                """\
        _service_plan(decided),
        _service(decided.service),
        id(balancer.balancer),
        _balancer(balancer),
        balancer.sends_to(chain.port.port.port),
        _port_plan(chain.port),
""",
                """\
        _service(decided.service),
        id(balancer.balancer),
""",
            ),
        ),
    ),
    Suite(
        "trace",
        (
            "tests/unit/trace",
            "tests/property/test_half_merged_states.py",
            "tests/golden/test_diffs.py",
            "tests/unit/rollout",
        ),
        (
            Flip(
                "an edge believes no header that a client wrote",
                "meeting.py",
                'optional = edge.get("edgeReads") == "optional"',
                "optional = False",
            ),
            Flip(
                "an edge waits for no header",
                "meeting.py",
                'if sends is None and reads == "proxy" and "address" in sender:',
                "if False:",
            ),
            Flip(
                "nobody lies past the trusted proxies",
                "meeting.py",
                "if around != NOTHING:",
                "if False:",
            ),
            Flip(
                "an unknown balancer is taken for a broken one",
                "meeting.py",
                'return _not_evaluated("what the load',
                'return broken("what the load',
            ),
            Flip(
                "probes lose their client",
                "meeting.py",
                'role is not Role.CLIENT and sender["from"] not in OF_THE_BACKEND',
                "role is not Role.CLIENT",
            ),
            Flip(
                "a reader that waits believes nobody",
                "meeting.py",
                "_replace(believes=_can_lie(sender, clean, plane, hop))",
                "_replace(believes=False)",
            ),
            Flip(
                "a path that goes is no regression",
                "transition.py",
                "and (after is None or after.verdict",
                "and (after is not None and after.verdict",
            ),
            Flip(
                "another trust range restarts nobody",
                "transition.py",
                'if (old["accepts"], old["trust"]) != (new["accepts"], new["trust"]):',
                'if old["accepts"] != new["accepts"]:',
            ),
            Flip(
                "trust that grows is not told",
                "transition.py",
                "grown=_beyond(now, was)",
                "grown=()",
            ),
            Flip(
                "callers in the cluster lose their listener at once",
                "transition.py",
                'if receiver.get("plain") and not sender.get("plain"):',
                "if False:",
            ),
            Flip(
                "a state between is judged with the new edge alone",
                "transition.py",
                "edge = new if EDGE in merged else old",
                "edge = new",
            ),
        ),
    ),
    Suite(
        "diff",
        (
            "tests/unit/diff",
            "tests/golden/test_diffs.py",
            "tests/property/test_a_diff_mirrors.py",
            "tests/e2e/test_diff_of_a_history.py",
        ),
        (
            Flip(
                "callers that nobody listed count",
                "paths.py",
                'side[key].get("called", False)',
                'side[key].get("called", True)',
            ),
            Flip(
                "a port that goes is a regression",
                "paths.py",
                "return self.counts and self.port_stays and self.transition",
                "return self.counts and self.transition",
            ),
            Flip(
                "a window for lies is safe",
                "paths.py",
                "(moving.unsafe or bool(moving.forgery_windows))",
                "moving.unsafe",
            ),
            Flip(
                "what a Service's tenant changes leaves it out",
                "narrow.py",
                "other is not None and _plain(tenant) == _plain(other)",
                "other is not None",
            ),
            Flip(
                "Gateways are never left out",
                "narrow.py",
                "routes_differ = _gateways(old) != _gateways(new)",
                "routes_differ = True",
            ),
            Flip(
                "Gateways are always left out",
                "narrow.py",
                "routes_differ = _gateways(old) != _gateways(new)",
                "routes_differ = False",
            ),
            Flip(
                "an item that was there twice is pruned twice",
                "pruning.py",
                "        left[part] -= 1\n",
                "        left[part] -= 0\n",
            ),
        ),
    ),
    Suite(
        "rollout",
        ("tests/unit/rollout", "tests/property/test_no_step_breaks_undeclared.py"),
        (
            Flip(
                "access may be forged for a while",
                "choosing.py",
                "return service.rollout.gates_access and not",
                "return False and not",
            ),
            Flip(
                "an NGINX tells whether a header comes",
                "choosing.py",
                ".difference(_DETECTING))",
                ".difference({*_DETECTING, *_ADAPTED}))",
            ),
            Flip(
                "a chart's Service gets a second one",
                "choosing.py",
                "None if new.output is OutputMode.FULL else _CHART_ADDS",
                "None",
            ),
            Flip(
                "a rollout of the user's own adapter is made in place",
                "choosing.py",
                "if _is_handed(new):",
                "if False:",
            ),
            Flip(
                "the second listener takes a number in use",
                "mixing.py",
                "if each not in used)",
                "if True)",
            ),
            Flip(
                "a state between trusts its own side alone",
                "mixing.py",
                "for side, decided in (old, new):",
                "for side, decided in (new,):",
            ),
            Flip(
                "nobody waits for the Envoy Service's annotations",
                "waiting.py",
                "    yield from _annotated(command, old.balancer.annotations, new.balancer.annotations)\n",
                "",
            ),
            Flip(
                "a restart ends no connection",
                "judging.py",
                "if restarted(before.artifacts, after.artifacts):",
                "if False:",
            ),
            Flip(
                "a step with a window is silent",
                "judging.py",
                "if now in _SAID and now not in ends:",
                "if False:",
            ),
            Flip(
                "who is heard late is not told",
                "judging.py",
                "return optional and (by_itself or port.port.adapted)",
                "return False",
            ),
        ),
    ),
    Suite(
        "adopt",
        (
            "tests/unit/adopt",
            "tests/unit/cli/test_adopt_and_drift.py",
            "tests/property/test_what_was_rendered_is_adopted.py",
        ),
        (
            Flip(
                "the policy that runs is not pinned",
                "pins.py",
                "if decided.balancer.policy != found.policy:",
                "if False:",
            ),
            Flip(
                "what the balancer sends is not asked",
                "adopting.py",
                'if not (given.facts or {}).get("management"):',
                "if False:",
            ),
            Flip(
                "the tenant's own ranges are Envoy's",
                "ranges.py",
                "tuple(each for each in ranges if each not in known)",
                "tuple(ranges)",
            ),
            Flip(
                "a lost wish stays required",
                "pins.py",
                "if lost and decided.port.client_ip is Wish.REQUIRED:",
                "if False:",
            ),
            Flip(
                "annotations that a balancer has anyway are the Service's",
                "pins.py",
                "if key not in decided.balancer.annotations\n    }",
                "if True\n    }",
            ),
            Flip(
                "an edge's policy is not pinned",
                "adopting.py",
                'and decided.get(each.data["name"], each.policy) != each.policy',
                "and False",
            ),
            Flip(
                "with facts, nobody learns what unknown programs read",
                "document.py",
                'found = self._management(egress)\n        managed = facts.get("management") or found',
                'managed = facts.get("management") or self._management(egress)',
            ),
            Flip(
                "credentials are adopted",
                "services.py",
                "if looks_secret(key, value)",
                "if False",
            ),
        ),
    ),
    Suite(
        "drift",
        (
            "tests/unit/drift",
            "tests/unit/cli/test_adopt_and_drift.py",
            "tests/property/test_what_was_rendered_does_not_drift.py",
        ),
        (
            Flip(
                "KubeLB's annotation is read off the tenant's Service",
                "meaning.py",
                "annotated = balancer or own",
                "annotated = own",
            ),
            Flip(
                "a policy that KubeLB did not copy reaches Envoy",
                "meaning.py",
                "kept = policies[-1] is TrafficPolicy.LOCAL or policies[0] is policies[-1]",
                "kept = True",
            ),
            Flip(
                "a switch that was turned off still sends",
                "meaning.py",
                "    return replace(facts, sends=None, sends_on=None)\n",
                "    return facts\n",
            ),
            Flip(
                "programs read what the spec says",
                "meaning.py",
                "if reads != served.accepts:",
                "if False:",
            ),
            Flip(
                "an absent policy is no difference",
                "compare.py",
                '        "externalTrafficPolicy": "Cluster",\n',
                "",
            ),
            Flip(
                "an order is a difference",
                "compare.py",
                "return sorted(value, key=repr) if isinstance(value, list) else value",
                "return value",
            ),
            Flip(
                "what no dump is about is missing",
                "drifting.py",
                "elif wanted.key[:2] not in self._unseen:",
                "else:",
            ),
            Flip(
                "what is only traced is a stranger",
                "strangers.py",
                "for each in tenant.services\n    }",
                "for each in tenant.services\n        if each.service.output != 'none'\n    }",
            ),
        ),
    ),
    Suite(
        "krm",
        (
            "tests/unit/krm",
            "tests/golden/test_krm.py",
            "tests/golden/test_krm_marks.py",
            "tests/property/test_krm_keeps_what_is_not_ours.py",
        ),
        (
            Flip(
                "other owners' objects are overwritten",
                "merging.py",
                "if item.identity is None or item.owner == rendered.owner:",
                "if True:",
            ),
            Flip(
                "what is rendered no more stays",
                "merging.py",
                "elif item.owner != rendered.owner:",
                "else:",
            ),
            Flip(
                "what orchestrators wrote is lost",
                "marking.py",
                "kept = before.orchestration if before else",
                "kept = {} if before else",
            ),
            Flip(
                "an object of nobody's that says something else is taken over",
                "merging.py",
                "item.owner is None and _says_it(item, artifact)",
                "item.owner is None",
            ),
        ),
    ),
    Suite(
        "build",
        (
            "tests/unit/build/test_overlay.py",
            "tests/property/test_an_overlay_is_the_edit_by_hand.py",
        ),
        (
            Flip(
                "null sets null",
                "overlay.py",
                "    if node.data is None:\n        if not holders:",
                "    if False:\n        if not holders:",
            ),
            Flip(
                "an overlay of another fleet is laid",
                "overlay.py",
                "if known is not None and name is not None and known != name:",
                "if False:",
            ),
            Flip(
                "an item may be laid over twice",
                "overlay.py",
                "if laid.intersection(found):",
                "if False:",
            ),
            Flip(
                "defaults reach the first document alone",
                "overlay.py",
                "for each in users:",
                "for each in users[:1]:",
            ),
            Flip(
                "a list that stood in two documents stays in both",
                "overlay.py",
                "        for each in others:\n            each.delete(key, node.at)\n",
                "        del others\n",
            ),
            Flip(
                "problems of what was laid are told twice",
                "overlay.py",
                "        or not any(one.provenance.brought(each.at) for one in targets)\n",
                "        or True\n",
            ),
        ),
    ),
)
