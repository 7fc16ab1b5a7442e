package io.javisor.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClassUpgradeTest {
    private static final ClassUpgrade UPGRADE = new ClassUpgrade(CommandLine.class.getClassLoader());

    @TempDir
    private Path directory;

    private static Path library(String name) {
        return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> entry.contains("/" + name))
                .map(Path::of)
                .findFirst()
                .orElseThrow();
    }

    private Path copy(String name) throws IOException {
        Path original = library(name);
        return Files.copy(original, directory.resolve(original.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<String> names(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        }
    }

    /** Initialising a class verifies it: as one of Java 8, which has no way back to the old verifier. */
    @Test
    void everyUpgradedClassVerifies() throws IOException, ReflectiveOperationException {
        Path jar = copy("picocli-");
        List<String> before = names(jar);
        assertTrue(UPGRADE.upgradeJar(jar) > 100);
        assertEquals(before, names(jar));
        int verified = 0;
        try (ZipFile zip = new ZipFile(jar.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            for (ZipEntry entry : zip.stream().toList()) {
                String name = entry.getName();
                if (!name.endsWith(".class") || name.contains("module-info") || name.contains("groovy")) {
                    continue;
                }
                assertFalse(ClassUpgrade.isOld(zip.getInputStream(entry).readAllBytes()), name);
                Class<?> type =
                        Class.forName(name.substring(0, name.length() - 6).replace('/', '.'), true, loader);
                assertEquals(loader, type.getClassLoader());
                verified++;
            }
        }
        assertTrue(verified > 100, verified + " classes");
    }

    @Test
    void jffiMakesNoLogger() throws IOException {
        Path jar = copy("jffi-");
        assertTrue(makesLogger(jar));
        assertEquals(1, UPGRADE.upgradeJar(jar));
        assertFalse(makesLogger(jar));
    }

    private static boolean makesLogger(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile());
                InputStream loader = zip.getInputStream(zip.getEntry(LazyStubLoader.CLASS + ".class"))) {
            return ClassFile.of().parse(loader.readAllBytes()).methods().stream()
                    .flatMap(method -> method.code().stream())
                    .flatMap(CodeModel::elementStream)
                    .anyMatch(element -> element instanceof InvokeInstruction call
                            && call.name().equalsString("getLogger"));
        }
    }

    @Test
    void newClassesStayAsTheyAre() throws IOException {
        Path jar = copy("slf4j-api-");
        byte[] before = Files.readAllBytes(jar);
        assertEquals(0, UPGRADE.upgradeJar(jar));
        assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(jar)));
        assertEquals(List.of(jar), list());
    }

    @Test
    void aSecondTimeDoesNothing() throws IOException {
        Path jar = copy("asm-9");
        assertTrue(UPGRADE.upgradeJar(jar) > 0);
        assertEquals(0, UPGRADE.upgradeJar(jar));
        assertEquals(List.of(jar), list());
    }

    private List<Path> list() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }
}
