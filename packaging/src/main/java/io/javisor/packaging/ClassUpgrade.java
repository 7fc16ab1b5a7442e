package io.javisor.packaging;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
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
import org.jspecify.annotations.Nullable;

/**
 * Brings the packaged libraries' class files, at package time, to what the JVM's AOT cache can hold. What a class does stays the same.
 * Old ones get the format of Java 8: the cache takes none of before Java 6, which is then read and verified by the slow, old verifier at
 * each start. What is added are the stack maps that the newer verifier checks by (JVMS §4.7.4). Of newer ones the dynamic call sites
 * are rewritten, see {@link CallSites}, and one class of jffi's, see {@link LazyStubLoader}.
 */
public final class ClassUpgrade {
    /** Where the magic number ends and the minor and major version stand. JVMS §4.1 */
    private static final int MAJOR_VERSION_OFFSET = 6;

    private final ClassFile old;
    private final ClassFile newer;

    /**
     * With the classes that those to upgrade extend.
     *
     * @param libraries where they are looked for; nothing of them is run
     */
    ClassUpgrade(ClassLoader libraries) {
        ClassFile.ClassHierarchyResolverOption hierarchy = ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(libraries).orElse(ClassHierarchyResolver.defaultResolver()));
        old = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS, hierarchy);
        newer = ClassFile.of(hierarchy);
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

    /** Rewrites a jar if there is a class in it that the cache could not hold as it is. Returns how many there were. */
    int upgradeJar(Path jar) throws IOException {
        int upgraded = 0;
        Path written = jar.resolveSibling(jar.getFileName() + ".new");
        try (ZipFile in = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(written);
                ZipOutputStream out = new ZipOutputStream(file)) {
            List<ZipEntry> entries = new ArrayList<>(Collections.list(in.entries()));
            for (ZipEntry entry : entries) {
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                byte[] better = entry.getName().endsWith(".class") ? upgrade(bytes) : null;
                if (better != null) {
                    upgraded++;
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                out.putNextEntry(copy);
                out.write(better == null ? bytes : better);
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

    /** The class file to use instead, or null if there is nothing to do. */
    byte @Nullable [] upgrade(byte[] bytes) {
        if (isOld(bytes)) {
            return upgradeOld(bytes);
        }
        ClassModel model = newer.parse(bytes);
        if (model.thisClass().asInternalName().equals(LazyStubLoader.CLASS)) {
            return newer.transformClass(model, LazyStubLoader.TRANSFORM);
        }
        return CallSites.in(model) ? newer.transformClass(model, CallSites.transform(model)) : null;
    }

    private byte[] upgradeOld(byte[] bytes) {
        // Each instruction is written anew: a method that is copied as it is would get no stack maps.
        ClassTransform methods = ClassTransform.transformingMethodBodies((code, element) -> code.with(element));
        ClassTransform version = ClassTransform.endHandler(builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0));
        return old.transformClass(old.parse(bytes), methods.andThen(version));
    }
}
