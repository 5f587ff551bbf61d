package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Symbols;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Hears of C++ exceptions that nothing in native code catches. They cannot pass through Java: the C++ library calls
 * {@code std::terminate}. Works where that library is that of Linux or macOS and can be asked; elsewhere the process
 * ends as it always did.
 */
final class UncaughtException {

    private static final String SET_TERMINATE = "_ZSt13set_terminatePFvvE"; // std::set_terminate(void (*)())
    private static final String CURRENT_TYPE = "__cxa_current_exception_type"; // Itanium C++ ABI, 2.5.3

    private static final AddressLayout STRING =
            ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Integer.MAX_VALUE, ValueLayout.JAVA_BYTE));
    // std::type_info: the pointer to its virtual functions, then its name
    private static final AddressLayout TYPE_INFO =
            ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.structLayout(ValueLayout.ADDRESS, STRING));

    private final Consumer<String> end;
    private final Optional<MethodHandle> currentType;

    private UncaughtException(Consumer<String> end, Optional<MethodHandle> currentType) {
        this.end = end;
        this.currentType = currentType;
    }

    /**
     * Installs itself; a library that is linked to the C++ library has been loaded.
     *
     * @param end hears what was thrown, and does not return
     */
    @SuppressWarnings("restricted") // downcalls are what this package is about
    static void install(Consumer<String> end) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setTerminate = Symbols.find(SET_TERMINATE);
        if (setTerminate.isEmpty()) {
            return;
        }
        Optional<MethodHandle> currentType = Symbols.find(CURRENT_TYPE)
                .map(address -> linker.downcallHandle(address, FunctionDescriptor.of(TYPE_INFO)));
        try {
            MethodHandle handler = MethodHandles.lookup()
                    .findVirtual(UncaughtException.class, "terminate", MethodType.methodType(void.class))
                    .bindTo(new UncaughtException(end, currentType));
            MemorySegment stub = linker.upcallStub(handler, FunctionDescriptor.ofVoid(), Arena.global());
            MethodHandle set = linker.downcallHandle(
                    setTerminate.get(), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            MemorySegment _ = (MemorySegment) set.invokeExact(stub);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set the handler of C++ exceptions", e);
        }
    }

    @SuppressWarnings("UnusedMethod") // called by C++, through the method handle of install
    private void terminate() {
        end.accept("uncaught C++ exception" + typeName());
    }

    private String typeName() {
        try {
            MemorySegment type =
                    currentType.isPresent() ? (MemorySegment) currentType.get().invokeExact() : MemorySegment.NULL;
            return type.address() == 0
                    ? ""
                    : " " + type.get(STRING, ValueLayout.ADDRESS.byteSize()).getString(0); // mangled: St9bad_alloc
        } catch (Throwable _) {
            return "";
        }
    }
}
