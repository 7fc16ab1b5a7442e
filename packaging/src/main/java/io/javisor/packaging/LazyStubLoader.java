package io.javisor.packaging;

import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;

/**
 * jffi's loader of its native library without a logger of its own: to make one starts java.util.logging, which reads its configuration and
 * the directory of every jar for a service. It logs at the finest level only; the global logger, which is there without all that and shows
 * nothing below INFO, is put in its place.
 */
final class LazyStubLoader {
    static final String CLASS = "com/kenai/jffi/internal/StubLoader";

    private static final ClassDesc LOGGER = ClassDesc.of("java.util.logging.Logger");

    static final ClassTransform TRANSFORM = ClassTransform.transformingMethodBodies((code, element) -> {
        if (element instanceof InvokeInstruction call
                && call.owner().asSymbol().equals(LOGGER)
                && call.name().equalsString("getLogger")) {
            code.pop().getstatic(LOGGER, "global", LOGGER);
        } else {
            code.with(element);
        }
    });

    private LazyStubLoader() {}
}
