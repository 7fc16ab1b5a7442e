package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code verify} says of the package's parts is what is in the package. */
class BillOfMaterialsIT {
    private static final Path TARGET = Checkout.DIRECTORY.resolve("cli/target");

    @Test
    void namesEachJarOfThePackageAndNoOther() throws IOException {
        Set<String> named = new TreeSet<>();
        for (JsonNode component : JsonMapper.shared()
                .readTree(Files.readAllBytes(TARGET.resolve("bom.json")))
                .get("components")) {
            assertTrue(component.get("purl").stringValue().startsWith("pkg:maven/"), component::toString);
            assertTrue(!component.get("hashes").isEmpty(), component::toString);
            named.add(component.get("name").stringValue() + "-"
                    + component.get("version").stringValue());
        }
        try (Stream<Path> jars = Files.list(TARGET.resolve("javisor/lib"))) {
            assertEquals(
                    jars.map(jar -> jar.getFileName().toString().replaceFirst("(-native)?\\.jar$", ""))
                            .filter(name -> !name.startsWith("cli-"))
                            .collect(Collectors.toCollection(TreeSet::new)),
                    named);
        }
    }
}
