"""azure-monitor-query 1."""


def test_the_block_of_version_1_answers(run, https_url):
    assert sorted(run("clients.md", "monitor-query-1", https_url)["rows"]) == [["0", 7], ["50126", 3]]
