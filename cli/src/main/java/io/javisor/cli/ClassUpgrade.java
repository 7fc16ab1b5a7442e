package io.javisor.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Brings old class files in the packaged libraries to the format of Java 8, at package time. The JVM's AOT cache takes no class file of
 * before Java 6: such a class is read and verified by the slow, old verifier at each start. What a class does stays the same; what is
 * added are the stack maps that the newer verifier checks by (JVMS §4.7.4).
 */
public final class ClassUpgrade {
    /** Where the magic number ends and the minor and major version stand. JVMS §4.1 */
    private static final int MAJOR_VERSION_OFFSET = 6;

    private final ClassFile classFile;

    /**
     * With the classes that those to upgrade extend.
     *
     * @param libraries where they are looked for; nothing of them is run
     */
    ClassUpgrade(ClassLoader libraries) {
        classFile = ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(libraries)
                        .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    /** Upgrades the jars in a directory, whose classes are on the class path too. */
    public static void main(String[] arguments) throws IOException {
        ClassUpgrade upgrade = new ClassUpgrade(ClassUpgrade.class.getClassLoader());
        List<Path> jars;
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        for (Path jar : jars) {
            int _ = upgrade.upgradeJar(jar);
        }
    }

    /** Rewrites a jar if there is an old class in it. Returns how many there were. */
    int upgradeJar(Path jar) throws IOException {
        int upgraded = 0;
        Path written = jar.resolveSibling(jar.getFileName() + ".new");
        try (ZipFile in = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(written);
                ZipOutputStream out = new ZipOutputStream(file)) {
            List<ZipEntry> entries = new ArrayList<>(Collections.list(in.entries()));
            for (ZipEntry entry : entries) {
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith(".class") && isOld(bytes)) {
                    bytes = upgrade(bytes);
                    upgraded++;
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                out.putNextEntry(copy);
                out.write(bytes);
                out.closeEntry();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (upgraded == 0) {
                Files.deleteIfExists(written);
            }
        }
        if (upgraded > 0) {
            Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING);
        }
        return upgraded;
    }

    static boolean isOld(byte[] bytes) {
        int major = Byte.toUnsignedInt(bytes[MAJOR_VERSION_OFFSET]) << 8
                | Byte.toUnsignedInt(bytes[MAJOR_VERSION_OFFSET + 1]);
        return major < ClassFile.JAVA_6_VERSION;
    }

    byte[] upgrade(byte[] bytes) {
        // Each instruction is written anew: a method that is copied as it is would get no stack maps.
        ClassTransform methods = ClassTransform.transformingMethodBodies((code, element) -> code.with(element));
        ClassTransform version = ClassTransform.endHandler(builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0));
        return classFile.transformClass(classFile.parse(bytes), methods.andThen(version));
    }
}
