package io.javisor.images.grub;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The files of a menu, as trees that can be made smaller. A command that {@code grub-emu} has not, or that would leave it, has {@link #LOADER} before its name.
 *
 * @param files the statements of each, by its path in partition 1
 */
record GrubScript(Map<String, List<Node>> files) {
    /** What is only a mark: each reader has words of its own for these commands. */
    static final String LOADER = "\uE000";

    /** Where an entry ends, and boots what it has loaded. */
    static final String END = LOADER + "end";

    static final String MENU = "/boot/grub/grub.cfg";

    /**
     * A statement.
     *
     * @param open its lines before the body
     * @param close its lines after it; empty if there are none
     */
    record Node(String open, List<Node> body, String close) {
        static Node line(String text) {
            return new Node(text, List.of(), "");
        }

        private boolean isEnd() {
            return open.equals(END);
        }

        private void print(StringBuilder out) {
            out.append(open).append('\n');
            body.forEach(node -> node.print(out));
            out.append(close).append(close.isEmpty() ? "" : "\n");
        }

        /** Those with one node less in the body, and the body in the node's place. */
        private List<List<Node>> smaller() {
            List<List<Node>> results = new ArrayList<>();
            for (List<Node> less : GrubScript.smaller(body)) {
                results.add(List.of(new Node(open, less.isEmpty() ? List.of(line("true")) : less, close)));
            }
            if (!close.isEmpty()) {
                results.add(body.stream().filter(node -> !node.isEnd()).toList());
            }
            return results;
        }
    }

    private static List<List<Node>> smaller(List<Node> nodes) {
        List<List<Node>> results = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            List<Node> before = nodes.subList(0, i);
            List<Node> after = nodes.subList(i + 1, nodes.size());
            if (!nodes.get(i).isEnd() && (nodes.size() > 1 || !nodes.get(i).open.equals("true"))) {
                results.add(joined(before, List.of(), after));
            }
            for (List<Node> inPlace : nodes.get(i).smaller()) {
                results.add(joined(before, inPlace, after));
            }
        }
        return results;
    }

    private static List<Node> joined(List<Node> before, List<Node> between, List<Node> after) {
        List<Node> all = new ArrayList<>(before);
        all.addAll(between);
        all.addAll(after);
        return all;
    }

    /** A file's text, as it is on a disk. An entry that only ends has a command all the same: one without any is a syntax error. */
    String text(String path) {
        return marked(path).replace(END + "\n", "true\n").replace(LOADER, "");
    }

    /** A file's text, with functions whose names begin with {@code prefix} for what is marked. */
    String text(String path, String prefix) {
        return marked(path).replace(LOADER, prefix);
    }

    private String marked(String path) {
        StringBuilder out = new StringBuilder();
        files.getOrDefault(path, List.of()).forEach(node -> node.print(out));
        return out.toString();
    }

    /** As small as it gets by leaving out statements while {@code wrong} holds, with at most {@code tries} trials. */
    GrubScript shrink(Predicate<GrubScript> wrong, int tries) {
        GrubScript smallest = this;
        int left = tries;
        boolean found = true;
        while (found && left > 0) {
            found = false;
            for (GrubScript candidate : smallest.smaller()) {
                if (left-- <= 0) {
                    break;
                }
                if (wrong.test(candidate)) {
                    smallest = candidate;
                    found = true;
                    break;
                }
            }
        }
        return smallest;
    }

    private List<GrubScript> smaller() {
        List<GrubScript> results = new ArrayList<>();
        files.forEach((path, nodes) -> smaller(nodes).forEach(less -> {
            Map<String, List<Node>> others = new LinkedHashMap<>(files);
            others.put(path, less);
            results.add(new GrubScript(others));
        }));
        return results;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        files.keySet()
                .forEach(path -> out.append("--- ").append(path).append('\n').append(text(path)));
        return out.toString();
    }
}
