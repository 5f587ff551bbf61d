# One line with the counts of all reports of the test runner.
/<testsuite / {
    suites++
    tests += value("tests"); failed += value("failures") + value("errors"); skipped += value("skipped")
    nextfile
}

END {
    printf "%d tests in %d suites: %d failed, %d skipped\n", tests, suites, failed, skipped
}

function value(name) {
    return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0
}
