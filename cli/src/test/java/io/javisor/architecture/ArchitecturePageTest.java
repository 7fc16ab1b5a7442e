package io.javisor.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/architecture.md} says what is so: its picture shows the modules and their rooms, and its ways go from class to class. */
class ArchitecturePageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("javisor.checkout", "..")).resolve("docs/architecture.md");

    private static final int WAYS = 4;
    private static final int MAX_STEPS = 10;

    /** Marks a step that is not called but reached by a socket. */
    private static final String OTHER_PROCESS = "*In the machine's process*";

    private static final Set<String> BESIDE_THE_HOUSE = Set.of("testkit", "packaging", "benchmarks");

    private static final Pattern STEP = Pattern.compile("[0-9]+\\. (.*)");
    private static final Pattern ROOM_OR_CLASS = Pattern.compile("\\*\\*([a-z0-9.]+)\\*\\*|`([A-Z][A-Za-z0-9]*)`");
    private static final Pattern ROW = Pattern.compile("[ │├└─►]+([a-z-]+)(?: {2,}([a-z0-9]+(?: · [a-z0-9]+)*))?");

    /** A class by its whole name, and whether what leads to it is a socket. */
    private record Step(List<String> classes, boolean bySocket) {}

    private static Map<String, List<Step>> ways() throws IOException {
        Map<String, List<Step>> ways = new LinkedHashMap<>();
        String heading = "";
        for (String line : Files.readAllLines(PAGE)) {
            Matcher step = STEP.matcher(line);
            if (line.startsWith("#")) {
                heading = line;
            } else if (step.matches()) {
                ways.computeIfAbsent(heading, _ -> new ArrayList<>())
                        .add(new Step(classes(step.group(1)), line.contains(OTHER_PROCESS)));
            } else {
                assertTrue(classes("**nowhere**" + line).isEmpty(), "a class is named outside of a way: " + line);
            }
        }
        return ways;
    }

    /** Each is in the room that is named last before it. */
    private static List<String> classes(String text) {
        List<String> classes = new ArrayList<>();
        String room = "";
        Matcher matcher = ROOM_OR_CLASS.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                room = matcher.group(1);
            } else {
                classes.add("io.javisor." + room + "." + matcher.group(2));
            }
        }
        return classes;
    }

    @Test
    void everyClassIsInItsRoom() throws IOException {
        Map<String, List<Step>> ways = ways();
        assertEquals(WAYS, ways.size(), ways.keySet()::toString);
        ways.forEach((way, steps) -> {
            assertTrue(steps.size() <= MAX_STEPS, way);
            for (Step step : steps) {
                assertFalse(step.classes().isEmpty(), () -> "a step without a class: " + way);
                step.classes()
                        .forEach(name -> assertTrue(ImportedClasses.ALL.contain(name), () -> name + ", in " + way));
            }
        });
    }

    @Test
    void everyStepRefersToTheOneBefore() throws IOException {
        List<String> gaps = new ArrayList<>();
        ways().forEach((way, steps) -> {
            List<String> before = List.of();
            for (Step step : steps) {
                List<String> near = new ArrayList<>(step.bySocket() ? List.of() : before);
                for (String name : step.classes()) {
                    if (!near.isEmpty() && near.stream().noneMatch(other -> meet(name, other))) {
                        gaps.add(name + " and any of " + near + ", in " + way);
                    }
                    near.add(name);
                }
                before = step.classes();
            }
        });
        assertEquals(List.of(), gaps);
    }

    /** Guards the test above: it would pass if everything met. */
    @Test
    void strangersDoNotMeet() {
        assertFalse(meet("io.javisor.devices.serial.UartDevice", "io.javisor.manager.registry.Registry"));
        assertFalse(meet("io.javisor.devices.serial.Uart16550", "io.javisor.devices.backend.StdioBackend"));
        assertTrue(meet("io.javisor.devices.serial.UartDevice", "io.javisor.devices.serial.Uart16550"));
        assertTrue(meet("io.javisor.core.vcpu.Vcpu", "io.javisor.kvm.KvmEngineVcpu"), "by the port VcpuBackend");
    }

    /** Whether one refers to the other, or to an interface of the other's. */
    private static boolean meet(String one, String other) {
        return one.equals(other) || refers(one, other) || refers(other, one);
    }

    private static boolean refers(String from, String to) {
        Set<JavaClass> faces = parts(to)
                .flatMap(part -> Stream.concat(Stream.of(part), part.getAllRawInterfaces().stream()))
                .filter(face -> face.getPackageName().startsWith("io.javisor."))
                .collect(Collectors.toSet());
        return parts(from)
                .flatMap(part -> part.getDirectDependenciesFromSelf().stream())
                .map(Dependency::getTargetClass)
                .map(JavaClass::getBaseComponentType)
                .anyMatch(faces::contains);
    }

    /** The class and those that are nested in it. */
    private static Stream<JavaClass> parts(String name) {
        return ImportedClasses.ALL.stream()
                .filter(each -> each.getName().equals(name) || each.getName().startsWith(name + "$"));
    }

    @Test
    void thePictureShowsEveryModuleWithItsRooms() throws IOException {
        Map<String, Set<String>> drawn = new TreeMap<>();
        Files.readAllLines(PAGE).stream()
                .dropWhile(Predicate.not("```"::equals))
                .skip(1)
                .takeWhile(Predicate.not("```"::equals))
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .forEach(row -> drawn.put(
                        row.group(1),
                        row.group(2) == null
                                ? Set.of()
                                : new TreeSet<>(Set.of(row.group(2).split(" · ")))));
        assertEquals(modules(), drawn);
    }

    private static Map<String, Set<String>> modules() {
        Map<String, Set<String>> modules = new TreeMap<>();
        for (JavaClass each : ImportedClasses.ALL) {
            String[] names = each.getPackageName().split("\\.", -1);
            String module = names[2].equals("core") ? "hypervisor-core" : names[2];
            if (!BESIDE_THE_HOUSE.contains(module)) {
                Set<String> rooms = modules.computeIfAbsent(module, _ -> new TreeSet<>());
                if (names.length > 3) {
                    rooms.add(names[3]);
                }
            }
        }
        return modules;
    }
}
