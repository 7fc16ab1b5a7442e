import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Sums the tests of this machine and of the emulated host, says which ones ran where for want of KVM, and prints the sum last, in
 * Surefire's form. A test that is skipped here and ran there counts once, as what it was there.
 *
 * <p>Usage: {@code java .ci/TestSum.java CHECKOUT}. Exit status 1 if a test failed, or if one that needs KVM ran nowhere. One that
 * failed and passed when it was run again is named, and counts as passed.
 */
final class TestSum {
    /** How the reasons of KvmCondition and MachineTestEngines begin, in io.javisor.testkit.junit. */
    private static final String NEEDS_KVM = "needs KVM: ";

    /** Of tests that the emulated host is too slow for. */
    private static final String NEEDS_FAST_KVM = "needs KVM that is not emulated: ";

    /** In the reason of a test that runs by one engine alone, and says so by an assumption. */
    private static final String NOT_FOR_KVM = "Assumption failed: ";

    private enum Outcome {
        PASSED,
        /** It failed, and passed when it was run again. */
        FLAKY,
        FAILURE,
        ERROR,
        SKIPPED
    }

    /**
     * @param method without parameters; empty where a class was skipped as a whole
     * @param reason why it was skipped, or empty
     */
    private record Case(String type, String method, Outcome outcome, String reason) {
        /** Whether the other one is this test, or one of the class that this one stands for. */
        boolean covers(Case other) {
            return type.equals(other.type) && (method.isEmpty() || method.equals(other.method));
        }
    }

    private TestSum() {}

    public static void main(String[] arguments) throws IOException {
        Path checkout = Path.of(arguments[0]);
        List<Case> here = new ArrayList<>();
        List<Case> there = new ArrayList<>();
        try (Stream<Path> modules = Files.list(checkout)) {
            for (Path target :
                    modules.map(module -> module.resolve("target")).sorted().toList()) {
                here.addAll(cases(target.resolve("surefire-reports")));
                here.addAll(cases(target.resolve("failsafe-reports")));
            }
        }
        List<String> lost = new ArrayList<>();
        Path emulated = checkout.resolve("target/kvm-host-reports");
        if (Files.isDirectory(emulated)) {
            try (Stream<Path> modules = Files.list(emulated)) {
                for (Path module : modules.sorted().toList()) {
                    there.addAll(again(cases(module), cases(module.resolve("again"))));
                    if (Files.exists(module.resolve("lost-once"))) {
                        lost.add(String.valueOf(module.getFileName()));
                    }
                }
            }
        }
        if (!lost.isEmpty()) {
            System.out.println("EMULATED HOST LOST ONCE, and started again: " + String.join(", ", lost));
        }
        System.exit(sum(here, there) ? 0 : 1);
    }

    /** Those that failed and passed when their class was run again are flaky. */
    private static List<Case> again(List<Case> cases, List<Case> again) {
        return cases.stream()
                .map(test -> (test.outcome == Outcome.FAILURE || test.outcome == Outcome.ERROR)
                                && again.contains(new Case(test.type, test.method, Outcome.PASSED, ""))
                                && again.stream()
                                        .noneMatch(other -> test.type.equals(other.type)
                                                && (other.outcome == Outcome.FAILURE || other.outcome == Outcome.ERROR))
                        ? new Case(test.type, test.method, Outcome.FLAKY, "")
                        : test)
                .toList();
    }

    private static boolean sum(List<Case> here, List<Case> there) {
        List<Case> counted = new ArrayList<>(there);
        Set<String> elsewhere = new LinkedHashSet<>();
        List<Case> tooSlow = new ArrayList<>();
        List<Case> nowhere = new ArrayList<>();
        for (Case test : here) {
            boolean needsKvm = test.reason.startsWith(NEEDS_KVM);
            if (needsKvm && there.stream().anyMatch(test::covers)) {
                boolean ran = there.stream()
                        .anyMatch(other -> test.covers(other)
                                && (other.outcome != Outcome.SKIPPED || other.reason.contains(NOT_FOR_KVM)));
                if (ran) {
                    elsewhere.add(test.type);
                } else {
                    nowhere.add(test);
                }
                continue; // counted as what it was there
            }
            counted.add(test);
            if (needsKvm) {
                nowhere.add(test);
            } else if (test.reason.startsWith(NEEDS_FAST_KVM)) {
                tooSlow.add(test);
            }
        }
        if (!there.isEmpty()) {
            System.out.println(count(there.size() - with(Outcome.SKIPPED, there), "test")
                    + " ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: "
                    + names(elsewhere));
        }
        if (!tooSlow.isEmpty()) {
            System.out.println("NOT RUN by KVM, as it does not count here and the emulated host is too slow for them: "
                    + byClass(tooSlow));
        }
        if (!nowhere.isEmpty()) {
            System.out.println("FAILED: need KVM and ran neither here nor in the emulated host: " + byClass(nowhere));
        }
        List<String> flaky = counted.stream()
                .filter(test -> test.outcome == Outcome.FLAKY)
                .map(test -> simpleName(test.type) + "." + test.method)
                .toList();
        if (!flaky.isEmpty()) {
            System.out.println("FAILED ONCE, and passed when run again: " + String.join(", ", flaky));
        }
        long failures = with(Outcome.FAILURE, counted);
        long errors = with(Outcome.ERROR, counted);
        System.out.println("Tests run: " + counted.size() + ", Failures: " + failures + ", Errors: " + errors
                + ", Skipped: " + with(Outcome.SKIPPED, counted));
        return failures + errors == 0 && nowhere.isEmpty() && !counted.isEmpty();
    }

    private static long with(Outcome outcome, List<Case> cases) {
        return cases.stream().filter(test -> test.outcome == outcome).count();
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String names(Set<String> types) {
        return types.isEmpty()
                ? "none that was skipped here"
                : String.join(", ", types.stream().map(TestSum::simpleName).toList());
    }

    /** Each class with the number of its tests, or alone where it was skipped as a whole. */
    private static String byClass(List<Case> cases) {
        TreeMap<String, Integer> numbers = new TreeMap<>();
        for (Case test : cases) {
            numbers.merge(simpleName(test.type), test.method.isEmpty() ? 0 : 1, Integer::sum);
        }
        return String.join(
                ", ",
                numbers.entrySet().stream()
                        .map(entry -> entry.getKey() + (entry.getValue() == 0 ? "" : " (" + entry.getValue() + ")"))
                        .toList());
    }

    private static String simpleName(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    private static List<Case> cases(Path reports) throws IOException {
        if (!Files.isDirectory(reports)) {
            return List.of();
        }
        List<Case> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(reports)) {
            files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .sorted()
                    .forEach(file -> read(file, cases));
        }
        return cases;
    }

    private static void read(Path file, List<Case> cases) {
        try {
            var elements = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < elements.getLength(); i++) {
                cases.add(of((Element) elements.item(i)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SAXException | ParserConfigurationException e) {
            throw new IllegalStateException(file + " is no report: " + e.getMessage(), e);
        }
    }

    private static Case of(Element test) {
        Outcome outcome = Outcome.PASSED;
        String reason = "";
        for (Node child = test.getFirstChild(); child != null; child = child.getNextSibling()) {
            switch (child.getNodeName()) {
                case "failure" -> outcome = Outcome.FAILURE;
                case "error" -> outcome = Outcome.ERROR;
                case "flakyFailure", "flakyError" -> outcome = Outcome.FLAKY;
                case "skipped" -> {
                    outcome = Outcome.SKIPPED;
                    String message = ((Element) child).getAttribute("message");
                    reason = message.isEmpty() ? child.getTextContent().strip() : message;
                }
                default -> {}
            }
        }
        String type = test.getAttribute("classname");
        String method = test.getAttribute("name").replaceFirst("[({\\[].*", "");
        // Surefire's name for a class that was skipped as a whole is the class's or none.
        return new Case(type, method.equals(type) || type.endsWith("." + method) ? "" : method, outcome, reason);
    }
}
